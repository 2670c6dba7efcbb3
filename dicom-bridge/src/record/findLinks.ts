import type { MedplumClient } from '@medplum/core';
import type { Patient, Reference, ServiceRequest } from '@medplum/fhirtypes';
import { escaped } from '../fhir/searchValue.ts';
import { urnOfUid } from '../identifiers/uid.ts';
import type { ObjectAttributes, PersonName } from '../objects/attributes.ts';
import type { StudyLinks } from './imagingStudy.ts';
import { isPatientNumber, UID_SYSTEM } from '../fhir/identifiers.ts';
import { patientInUse } from '../fhir/mergedPatients.ts';
import { withoutAccents } from '../fhir/withoutAccents.ts';

/** Why a study is linked to nobody: for who has to find out. */
export type Unmatched =
  | 'no-patient-id'
  | 'no-patient'
  | 'several-patients'
  | 'other-patient' // whoever has the number has another name, birth date or sex
  | 'order-of-another' // the order that it names is of another patient
  | 'erased-before'; // images of the study were erased

export interface FoundLinks {
  links: StudyLinks;
  /** Absent where it is known whose the study is. */
  unmatched?: Unmatched;
}

/** What is known of the study, and of who sent it. */
export interface Asked {
  studyInstanceUid: string;
  attributes: ObjectAttributes;
  /** System of the numbers that the sender calls PatientID; absent: any medical record number. */
  issuer?: string;
  /** Images of the study were erased: nobody is looked for. */
  wasErased?: boolean;
}

/** Numbers of DICOM have 64 characters at most (PS3.5 section 6.2, LO): what is longer than that many times is nobody's, and no URL has room for it. */
const NUMBER_CHARS_MAX = 1_024;
/** One more than what is unambiguous. */
const FOUND_MAX = '2';
/** With the same number of other issuers. */
const PATIENTS_MAX = '20';

/**
 * Finds what a study belongs to: the order whose accession number or Study Instance UID it carries, if the order's patient is whom the images say;
 * else the one patient who has the number that they carry, and agrees with them.
 */
export async function findLinks(medplum: MedplumClient, asked: Asked): Promise<FoundLinks> {
  if (asked.wasErased) return unmatched(asked, 'erased-before');
  const order = await findOrder(medplum, asked);
  if (order) {
    const patient = await patientOfOrder(medplum, order);
    if (patient && hasNumberOfOrder(patient, asked) && isSamePerson(patient, asked)) {
      return { links: { subject: referenceTo(patient), ...linksOfOrder(order) } };
    }
    return unmatched(asked, 'order-of-another');
  }
  if (asked.attributes.patientId === undefined) return unmatched(asked, 'no-patient-id');
  const patients = await patientsWith(medplum, asked.attributes.patientId, asked.issuer);
  if (patients.length === 0) return unmatched(asked, 'no-patient');
  if (patients.length > 1) return unmatched(asked, 'several-patients');
  const [patient] = patients as [Patient];
  return isSamePerson(patient, asked)
    ? { links: { subject: referenceTo(patient) } }
    : unmatched(asked, 'other-patient');
}

/** Who asked for the images, for what visit, and what was asked for: it is charged and reported by that. */
function linksOfOrder({ id, encounter, requester, code }: ServiceRequest): Omit<StudyLinks, 'subject'> {
  return {
    basedOn: [{ reference: `ServiceRequest/${id}` }],
    ...(encounter && { encounter }),
    ...(requester && REFERRERS.test(requester.reference ?? '') && { referrer: requester }),
    ...(code && { procedureCode: [code] }),
  };
}

/** What ImagingStudy.referrer may be. */
const REFERRERS = /^Practitioner(?:Role)?\//;

/** By its own UID first, which we have issued; by its accession number if just one order has that. */
async function findOrder(
  medplum: MedplumClient,
  { studyInstanceUid, attributes: { accessionNumber } }: Asked,
): Promise<ServiceRequest | undefined> {
  const byUid = await ordersWith(medplum, `${UID_SYSTEM}|${urnOfUid(studyInstanceUid)}`);
  if (byUid.length === 1) return byUid[0];
  if (accessionNumber === undefined || accessionNumber.length > NUMBER_CHARS_MAX) return undefined;
  const byNumber = await ordersWith(medplum, escaped(accessionNumber));
  return byNumber.length === 1 ? byNumber[0] : undefined;
}

const ordersWith = (medplum: MedplumClient, identifier: string): Promise<ServiceRequest[]> =>
  medplum.searchResources(
    'ServiceRequest',
    new URLSearchParams({ identifier, _count: FOUND_MAX }),
    NOT_REMEMBERED,
  );

async function patientOfOrder(
  medplum: MedplumClient,
  { subject }: ServiceRequest,
): Promise<Patient | undefined> {
  if (subject.reference?.startsWith('Patient/') !== true) return undefined;
  return medplum.readReference(subject as Reference<Patient>, NOT_REMEMBERED);
}

/** Those who have the number; in place of a record that was merged, the one that is in use. */
async function patientsWith(
  medplum: MedplumClient,
  patientId: string,
  issuer: string | undefined,
): Promise<Patient[]> {
  if (patientId.length > NUMBER_CHARS_MAX) return [];
  const identifier = issuer === undefined ? escaped(patientId) : `${escaped(issuer)}|${escaped(patientId)}`;
  const query = new URLSearchParams({
    identifier,
    'active:not': 'false',
    _include: 'Patient:link:Patient',
    _count: PATIENTS_MAX,
  });
  const found = await medplum.searchResources('Patient', query, NOT_REMEMBERED);
  const known = new Map(found.map((patient) => [patient.id, patient]));
  const inUse = found
    .filter(({ identifier: numbers }) => numbers?.some((one) => isPatientNumber(one, patientId, issuer)))
    .map((patient) => patientInUse(patient, known));
  return [...new Map(inUse.map((patient) => [patient.id, patient])).values()];
}

/** The worklist tells some number of who has no medical record number, or the resource's id (patientAttributes). */
function hasNumberOfOrder({ id, identifier }: Patient, { attributes: { patientId } }: Asked): boolean {
  if (patientId === undefined || patientId === id) return true;
  return identifier?.some(({ value }) => value === patientId) === true;
}

/** The images must not say another family name, birth date or sex. */
function isSamePerson(patient: Patient, { attributes }: Asked): boolean {
  const { patientName, patientBirthDate, patientSex } = attributes;
  return (
    (patientName === undefined || hasFamily(patient, patientName)) &&
    (patientBirthDate === undefined ||
      patient.birthDate === undefined ||
      patient.birthDate === patientBirthDate) &&
    (patientSex === undefined || patient.gender === undefined || genderOf(patientSex) === patient.gender)
  );
}

const hasFamily = (patient: Patient, { family }: PersonName): boolean =>
  patient.name?.some((name) => name.family !== undefined && folded(name.family) === folded(family)) === true;

/** Consoles write capitals without accents. */
const folded = (text: string): string =>
  withoutAccents(text)
    .replaceAll(/[\s'-]/g, '')
    .toLowerCase();

const GENDERS: Readonly<Record<string, string>> = { M: 'male', F: 'female', O: 'other' };
const genderOf = (sex: string): string => GENDERS[sex] ?? 'unknown';

/** It is known what the images call the patient, and no more. */
function unmatched({ attributes: { patientId = 'unknown' }, issuer }: Asked, why: Unmatched): FoundLinks {
  const identifier = { ...(issuer !== undefined && { system: issuer }), value: patientId };
  return { links: { subject: { type: 'Patient', identifier } }, unmatched: why };
}

const referenceTo = ({ id }: Patient): Reference<Patient> => ({ reference: `Patient/${id}` });

const NOT_REMEMBERED = { cache: 'reload' } as const;
