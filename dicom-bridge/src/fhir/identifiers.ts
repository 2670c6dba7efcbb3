import type { Identifier } from '@medplum/fhirtypes';
import { isUid } from '../identifiers/uid.ts';

/** System of DICOM UIDs, which are written as `urn:oid:` (FHIR R4, imagingstudy.html#notes). */
export const UID_SYSTEM = 'urn:dicom:uid';
export const AE_TITLE_SYSTEM = 'https://maxray.example/fhir/sid/ae-title';
/** System of the codes that DICOM defines itself (PS3.16 annex D). */
export const DCM_SYSTEM = 'http://dicom.nema.org/resources/ontology/DCM';

const URN = 'urn:oid:';
/** Codes of identifier types (http://terminology.hl7.org/CodeSystem/v2-0203). */
const ACCESSION = 'ACSN';
const RECORD_NUMBER = 'MR';

interface Identified {
  identifier?: Identifier[];
}

/** A DICOM UID as FHIR writes it; undefined for what is none. */
export function uidOfUrn(urn: string | undefined): string | undefined {
  const uid = urn?.startsWith(URN) === true ? urn.slice(URN.length) : undefined;
  return uid !== undefined && isUid(uid) ? uid : undefined;
}

/** The UID that a resource is known by: of a study, or of an order the study that is to be made. */
export const studyInstanceUidOf = ({ identifier = [] }: Identified): string | undefined =>
  uidOfUrn(identifier.find(({ system }) => system === UID_SYSTEM)?.value);

export const accessionNumberOf = ({ identifier = [] }: Identified): string | undefined =>
  identifier.find((one) => isOfType(one, ACCESSION))?.value;

export const aeTitleOf = ({ identifier = [] }: Identified): string | undefined =>
  identifier.find(({ system }) => system === AE_TITLE_SYSTEM)?.value;

/** A medical record number. */
export const isRecordNumber = (identifier: Identifier): boolean => isOfType(identifier, RECORD_NUMBER);

const isOfType = ({ type }: Identifier, wanted: string): boolean =>
  type?.coding?.some(({ code }) => code === wanted) === true;

/** Is it what an issuer calls PatientID? Where none is set, a number that says that it is a medical record number. */
export const isPatientNumber = (one: Identifier, value: string, issuer: string | undefined): boolean =>
  one.value === value && (issuer === undefined ? isRecordNumber(one) : one.system === issuer);
