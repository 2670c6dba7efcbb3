import type { DiagnosticReport, ImagingStudy } from '@medplum/fhirtypes';
import { idOf } from '../lib/bills/references.ts';
import type { MedplumClient } from '../lib/define/define.ts';

/** Most studies of an order. */
const STUDIES_MAX = 100;
/** Most reports of a patient since a version of a study. */
const REPORTS_MAX = 100;

/** Ids of the studies that a report is about: those that it names, or else those of its orders. */
export async function studiesOf(medplum: MedplumClient, report: DiagnosticReport): Promise<string[]> {
  const named = (report.imagingStudy ?? []).flatMap((study) => idOf(study, 'ImagingStudy') ?? []);
  if (named.length > 0) return named;
  const orders = (report.basedOn ?? []).flatMap((order) => idOf(order, 'ServiceRequest') ?? []);
  if (orders.length === 0) return [];
  const basedon = orders.map((id) => `ServiceRequest/${id}`).join(',');
  const query = { basedon, _sort: '_id', _count: String(STUDIES_MAX) };
  const found = await medplum.searchResources('ImagingStudy', query, { cache: 'reload' });
  return found.map(({ id }) => id);
}

/** A final report about a study that was stored after this version of it; the latest. */
export async function reportSince(
  medplum: MedplumClient,
  { id, subject, meta }: ImagingStudy & { id: string },
): Promise<DiagnosticReport | undefined> {
  const query = {
    subject: subject.reference!,
    status: 'final,amended,corrected,appended',
    _lastUpdated: `ge${meta!.lastUpdated}`,
    _sort: '-_lastUpdated',
    _count: String(REPORTS_MAX),
  };
  for (const report of await medplum.searchResources('DiagnosticReport', query, { cache: 'reload' }))
    if ((await studiesOf(medplum, report)).includes(id)) return report;
  return undefined;
}
