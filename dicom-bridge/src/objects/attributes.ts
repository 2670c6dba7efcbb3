import type { StoredDataSet } from '../stored/storedDataSet.ts';
import { textDecoder, type DecodeText } from './characterSet.ts';

/** A name as DICOM has it (PS3.5 section 6.2.1): its alphabetic form, or the first one that is there. */
export interface PersonName {
  family: string;
  given: string[];
}

/** What the record tells of an object. All values as they came but for spaces around them; absent where empty. */
export interface ObjectAttributes {
  patientId?: string;
  issuerOfPatientId?: string;
  patientName?: PersonName;
  /** YYYY-MM-DD. */
  patientBirthDate?: string;
  /** M, F or O. */
  patientSex?: string;
  accessionNumber?: string;
  /** A FHIR dateTime: of a day where the time or its zone is not known. */
  studyStarted?: string;
  studyDescription?: string;
  seriesNumber?: number;
  modality?: string;
  seriesStarted?: string;
  seriesDescription?: string;
  bodyPart?: string;
  /** L or R. */
  laterality?: string;
  operatorName?: PersonName;
  stationName?: string;
  deviceSerialNumber?: string;
  instanceNumber?: number;
  frames?: number;
}

/** Reads them from a parsed object, whatever its character set. */
export function readAttributes(dataSet: StoredDataSet): ObjectAttributes {
  const decode = textDecoder(dataSet.texts(0x0008_0005).join('\\'));
  const text = (tag: number) => textOf(dataSet, tag, decode);
  const zone = zoneOf(text(0x0008_0201));
  return withoutAbsent({
    patientId: text(0x0010_0020),
    issuerOfPatientId: text(0x0010_0021),
    patientName: personName(text(0x0010_0010)),
    patientBirthDate: date(text(0x0010_0030)),
    patientSex: text(0x0010_0040),
    accessionNumber: text(0x0008_0050),
    studyStarted: dateTime(text(0x0008_0020), text(0x0008_0030), zone),
    studyDescription: text(0x0008_1030),
    seriesNumber: whole(text(0x0020_0011)),
    modality: text(0x0008_0060),
    seriesStarted: dateTime(text(0x0008_0021), text(0x0008_0031), zone),
    seriesDescription: text(0x0008_103e),
    bodyPart: text(0x0018_0015),
    laterality: text(0x0020_0062) ?? text(0x0020_0060),
    operatorName: personName(text(0x0008_1070)),
    stationName: text(0x0008_1010),
    deviceSerialNumber: text(0x0018_1000),
    instanceNumber: whole(text(0x0020_0013)),
    frames: whole(text(0x0028_0008)),
  });
}

/** The first value; undefined where it is empty or not there. */
function textOf(dataSet: StoredDataSet, tag: number, decode: DecodeText): string | undefined {
  const bytes = dataSet.elements.get(tag)?.value;
  if (!bytes) return undefined;
  const value = decode(bytes).replaceAll('\0', '').split('\\')[0]!.trim();
  return value === '' ? undefined : value;
}

/** Reads a name (value representation PN); undefined where it is empty. */
export function personName(text: string | undefined): PersonName | undefined {
  const form = text?.split('=').find((one) => one.trim() !== '');
  if (form === undefined) return undefined;
  const [family = '', given = '', middle = ''] = form.split('^').map((part) => part.trim());
  return { family, given: [given, middle].filter((part) => part !== '') };
}

const DATE = /^(\d{4})\.?(\d{2})\.?(\d{2})$/;
const TIME = /^(\d{2}):?(\d{2})(?::?(\d{2})(?:\.\d{1,6})?)?$/;
const ZONE = /^([+-])(\d{2})(\d{2})$/;

function date(text: string | undefined): string | undefined {
  const found = DATE.exec(text ?? '');
  if (!found) return undefined;
  const day = `${found[1]}-${found[2]}-${found[3]}`;
  return new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ? day : undefined; // 30 February is none
}

function dateTime(
  day: string | undefined,
  time: string | undefined,
  zone: string | undefined,
): string | undefined {
  const known = date(day);
  const found = TIME.exec(time ?? '');
  if (known === undefined || !found || zone === undefined) return known;
  const [, hours, minutes, seconds = '00'] = found;
  const whole = `${known}T${hours}:${minutes}:${seconds}${zone}`;
  return Number.isNaN(Date.parse(whole)) ? known : whole;
}

function zoneOf(text: string | undefined): string | undefined {
  const found = ZONE.exec(text ?? '');
  return found ? `${found[1]}${found[2]}:${found[3]}` : undefined;
}

function whole(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Of an object whose members may be undefined, those that are not. */
function withoutAbsent<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
