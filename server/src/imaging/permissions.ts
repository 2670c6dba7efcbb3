import { fhirError } from '../fhir/outcome.ts';
import type { Caller } from '../records/caller.ts';
import type { StudyOfPatient } from '../records/imagingStudies.ts';
import type { Records } from '../records/records.ts';
import { isAboutPatient } from './retrieve/overlay.ts';

/**
 * Whole objects say who the patient is, and their bytes are not changed: they are for those who may see the whole Patient.
 *
 * @throws FhirError `forbidden`
 */
export function requireWholePatient({ access }: Caller, { study, patient }: StudyOfPatient): void {
  if (access === 'unrestricted' || !isAboutPatient(study.subject.reference)) return;
  if (patient !== undefined && access.hidden('Patient', 'search').length === 0) return;
  throw fhirError(
    'forbidden',
    'forbidden',
    'Whole objects name the patient, whom you may not see (completely): ask for metadata, frames or rendered images.',
  );
}

/**
 * Who may create ImagingStudies may send images. But it is the images that say whose they are: so it is for nobody who acts within the record of one patient.
 *
 * @throws FhirError `forbidden`
 */
export function requireMayStore(records: Pick<Records, 'requireOffered'>, caller: Caller): void {
  records.requireOffered(caller, 'ImagingStudy', 'create');
  const { patient, profile = '' } = caller.token ?? {};
  if (patient === undefined && !OF_ONE_PATIENT.test(profile)) return;
  throw fhirError(
    'forbidden',
    'forbidden',
    'You act within the record of one patient, and images say themselves whose they are: let the staff of a clinic send them.',
  );
}

/** Who is not of the staff. */
const OF_ONE_PATIENT = /^(?:Patient|RelatedPerson)\//;
