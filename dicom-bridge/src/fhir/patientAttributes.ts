import type { Identifier, Patient } from '@medplum/fhirtypes';
import type { DataSet } from '../objects/dataSet.ts';
import { personNameOf } from './personName.ts';
import { isRecordNumber } from './identifiers.ts';

const SEXES: Readonly<Record<string, string>> = { male: 'M', female: 'F', other: 'O' };
/** Value representation LO. */
const PATIENT_ID_CHARS_MAX = 64;

/**
 * Who a patient is in DICOM (PS3.3 section C.2.2 and C.2.3).
 *
 * @param issuer system of the numbers that the peer calls PatientID; absent: medical record numbers
 */
export function patientAttributes(patient: Patient, issuer: string | undefined): DataSet {
  const { id = '', name, birthDate = '', gender } = patient;
  const number = patientNumber(patient, issuer);
  return {
    PatientName: personNameOf(name),
    PatientID: number?.value ?? id,
    IssuerOfPatientID: number?.system ?? '',
    PatientBirthDate: birthDate.length === 'YYYY-MM-DD'.length ? birthDate.replaceAll('-', '') : '',
    PatientSex: SEXES[gender ?? ''] ?? '',
  };
}

/** The number of the issuer; else the medical record number, else any. One that does not fit would be another one. */
function patientNumber({ identifier = [] }: Patient, issuer: string | undefined): Identifier | undefined {
  const numbers = identifier.filter(
    ({ value = '', use }) => value !== '' && value.length <= PATIENT_ID_CHARS_MAX && use !== 'old',
  );
  const ofIssuer = issuer === undefined ? undefined : numbers.find(({ system }) => system === issuer);
  return ofIssuer ?? numbers.find(isRecordNumber) ?? numbers[0];
}
