import type { CodeableConcept, Patient, Practitioner } from '@medplum/fhirtypes';
import { codeItems } from '../fhir/codeSequence.ts';
import type { LocalTime } from '../fhir/localTime.ts';
import { patientAttributes } from '../fhir/patientAttributes.ts';
import { personNameOf } from '../fhir/personName.ts';
import type { DataSet } from '../objects/dataSet.ts';

/** What an object that is made here says of its patient and study. */
export interface PatientAndStudy {
  patient: Patient;
  studyInstanceUid: string;
  /** Undefined where it is not known. */
  started: LocalTime | undefined;
  /** '' where there is none. */
  accession: string;
  description: string;
  /** What was asked for. */
  procedure: readonly (CodeableConcept | undefined)[];
  requester: Practitioner | undefined;
}

/** The modules Patient and General Study (PS3.3 sections C.7.1.1 and C.7.2.1). */
export function patientAndStudy(of: PatientAndStudy): DataSet {
  const { patient, studyInstanceUid, started, accession, description, procedure, requester } = of;
  const { IssuerOfPatientID: issuer, ...named } = patientAttributes(patient, undefined);
  return {
    ...named,
    IssuerOfPatientID: issuer === '' ? undefined : issuer,
    StudyInstanceUID: studyInstanceUid,
    StudyDate: started?.date ?? '',
    StudyTime: started?.time ?? '',
    StudyID: accession,
    StudyDescription: description === '' ? undefined : description,
    AccessionNumber: accession,
    ReferringPhysicianName: personNameOf(requester?.name),
    ProcedureCodeSequence: filled(codeItems(procedure)),
  };
}

const filled = (items: DataSet[]): DataSet[] | undefined => (items.length > 0 ? items : undefined);
