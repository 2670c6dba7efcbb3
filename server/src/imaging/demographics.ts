import type { HumanName, Identifier, Patient } from '@medplum/fhirtypes';
import { element, type DicomJson } from './dicomJson.ts';

/** Tags of the Patient Identification and Demographic modules (PS3.6) that the record decides, not the images. */
export const PATIENT_NAME = '00100010';
export const PATIENT_ID = '00100020';
export const ISSUER_OF_PATIENT_ID = '00100021';
export const PATIENT_BIRTH_DATE = '00100030';
export const PATIENT_SEX = '00100040';

const RECORD_NUMBER = 'MR';
/** HumanName.use by how well it names somebody now; what is missing here comes last but before old ones. */
const USES = ['official', 'usual', undefined, 'temp', 'nickname', 'anonymous', 'maiden', 'old'];
const SEXES: Readonly<Record<string, string>> = { male: 'M', female: 'F', other: 'O' };

/**
 * Who a patient is by the record as it is now: after a correction or a merge the images themselves still say what was known when they were made.
 *
 * @param patient undefined where the caller may not see it: then nothing is said
 */
export function demographicsOf(patient: Patient | undefined): DicomJson {
  const number = patient && recordNumberOf(patient);
  return {
    [PATIENT_NAME]: element('PN', [patient && nameOf(patient)].map(asPersonName)),
    [PATIENT_ID]: element('LO', [number?.value]),
    ...(number?.system !== undefined && { [ISSUER_OF_PATIENT_ID]: element('LO', [number.system]) }),
    [PATIENT_BIRTH_DATE]: element('DA', [birthDateOf(patient)]),
    [PATIENT_SEX]: element('CS', [patient?.gender && SEXES[patient.gender]]),
  };
}

/** The medical record number; where there is none, the first number of any kind. */
export function recordNumberOf({ identifier = [] }: Patient): Identifier | undefined {
  const numbers = identifier.filter(({ value, use }) => value !== undefined && use !== 'old');
  return numbers.find(isRecordNumber) ?? numbers[0];
}

const isRecordNumber = ({ type }: Identifier): boolean =>
  type?.coding?.some(({ code }) => code === RECORD_NUMBER) === true;

/** Family^Given^Middle^Prefix^Suffix (PS3.5 section 6.2.1). */
function nameOf({ name = [] }: Patient): string | undefined {
  const [best] = name.toSorted((a, b) => rankOf(a) - rankOf(b));
  if (!best) return undefined;
  const { family, given: [given, ...middle] = [], prefix, suffix, text } = best;
  if (family === undefined && given === undefined) return text && clean(text);
  const parts = [family, given, middle.join(' '), prefix?.join(' '), suffix?.join(' ')];
  return parts.map(clean).join('^').replace(/\^+$/, '');
}

const rankOf = ({ use }: HumanName): number => USES.indexOf(use);

/** Without what separates the parts of names and values. */
const clean = (part = ''): string => part.replaceAll(/[\\^=\p{Cc}]/gu, ' ').trim();

const asPersonName = (name: string | undefined) =>
  name === undefined || name === '' ? undefined : { Alphabetic: name };

/** Only of a day: DICOM knows no birth years. */
function birthDateOf(patient: Patient | undefined): string | undefined {
  const { birthDate = '' } = patient ?? {};
  return birthDate.length === 10 ? birthDate.replaceAll('-', '') : undefined;
}
