import { CreationError } from '../creation/creationError.ts';
import type { PatientAndStudy } from '../creation/patientAndStudy.ts';
import { practitionerOf, readFresh } from '../creation/records.ts';
import type { FhirServer } from '../fhir/fhirServer.ts';
import { accessionNumberOf, studyInstanceUidOf } from '../fhir/identifiers.ts';
import type { LocalClock } from '../fhir/localTime.ts';

/**
 * What a report's study and patient are, as the record has them.
 *
 * @param ids of the ImagingStudy, and of the Patient whose it must be
 * @throws CreationError where they are not there, or the study is linked to somebody else by now; ServerAwayError
 */
export async function studyOfReport(
  server: Pick<FhirServer, 'client'>,
  clock: LocalClock,
  ids: { imagingStudy: string; patient: string },
): Promise<PatientAndStudy> {
  const medplum = await server.client();
  const study = await readFresh(medplum, 'ImagingStudy', ids.imagingStudy);
  const studyInstanceUid = studyInstanceUidOf(study);
  if (studyInstanceUid === undefined) throw new CreationError('The ImagingStudy has no Study Instance UID.');
  if (study.subject.reference !== `Patient/${ids.patient}`)
    throw new CreationError('The ImagingStudy is linked to another patient than the report is about.');
  const patient = await readFresh(medplum, 'Patient', ids.patient);
  return {
    ...{ patient, studyInstanceUid },
    started: clock.localOf(study.started),
    accession: accessionNumberOf(study) ?? '',
    description: study.description ?? '',
    procedure: study.procedureCode ?? [],
    requester: await practitionerOf(medplum, study.referrer),
  };
}
