import type { DiagnosticReport, ImagingStudy } from '@medplum/fhirtypes';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import { isNotSeen } from '../notSeen.ts';
import { isShown, studyInstanceUidOf } from '../studies.ts';

/** Where a report goes, by ids of resources. */
export interface ReportedStudy {
  imagingStudy: string;
  patient: string;
}

const STUDY = /^ImagingStudy\/([A-Za-z0-9\-.]{1,64})$/;
const PATIENT = /^Patient\/([A-Za-z0-9\-.]{1,64})$/;
const CHOICE = "Parameters.parameter.where(name = 'study')";
const STUDIES = 'DiagnosticReport.imagingStudy';

/**
 * The study that a report is about: the only one that it names, or the one that is chosen of them.
 *
 * @param chosen id of an ImagingStudy
 * @param base absolute URL of the FHIR base
 * @throws FhirError `unprocessable`; `conflict` where it is linked to another patient
 */
export async function studyOfReport(
  records: Pick<Records, 'read'>,
  caller: Caller,
  report: DiagnosticReport,
  { chosen, base }: { chosen: string | undefined; base: string },
): Promise<ReportedStudy> {
  const { imagingStudy: named = [], subject } = report;
  const ids = named.flatMap(({ reference = '' }) => STUDY.exec(reference.replace(`${base}/`, ''))?.[1] ?? []);
  const imagingStudy = oneOf([...new Set(ids)], chosen);
  const study = await seen(records, caller, imagingStudy, chosen === undefined ? STUDIES : CHOICE);
  if (!isShown(study) || studyInstanceUidOf(study) === undefined) throw unusable();
  const patient = PATIENT.exec(study.subject.reference!)?.[1];
  if (patient === undefined || subject?.reference !== study.subject.reference) throw ofAnother();
  return { imagingStudy, patient };
}

function oneOf(ids: readonly string[], chosen: string | undefined): string {
  if (chosen !== undefined) {
    if (ids.includes(chosen)) return chosen;
    throw refused('The report does not name this study as one that it is about (imagingStudy).', CHOICE);
  }
  const [only, ...others] = ids;
  if (only === undefined)
    throw refused('The report names no ImagingStudy of this server: add it as imagingStudy.', STUDIES);
  if (others.length === 0) return only;
  throw refused('The report is about several studies: choose one by the parameter study.', STUDIES);
}

async function seen(
  records: Pick<Records, 'read'>,
  caller: Caller,
  id: string,
  at: string,
): Promise<ImagingStudy> {
  try {
    return JSON.parse((await records.read(caller, 'ImagingStudy', id)).content) as ImagingStudy;
  } catch (error) {
    if (!isNotSeen(error)) throw error;
    throw refused('There is no such ImagingStudy, or you may not see it.', at);
  }
}

const refused = (text: string, at: string): FhirError =>
  fhirError('unprocessable', 'business-rule', text, at);

const unusable = () =>
  refused(
    'The study cannot take a report: it is not known whose it is, it has no Study Instance UID, or it was cancelled or entered in error. Say whose it is with $resolve.',
    STUDIES,
  );

const ofAnother = () =>
  fhirError(
    'conflict',
    'business-rule',
    'The study is linked to another patient than the report is about: correct the report, or say whose the study is with $resolve.',
    'DiagnosticReport.subject',
  );
