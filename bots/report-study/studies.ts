import type { DiagnosticReport } from '@medplum/fhirtypes';
import { idOf } from '../lib/bills/references.ts';
import type { MedplumClient } from '../lib/define/define.ts';

/** Most studies of an order. */
const STUDIES_MAX = 100;

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
