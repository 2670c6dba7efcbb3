import type { ObjectAttributes } from '../objects/attributes.ts';

/** Of an unsignedInt (http://hl7.org/fhir/R4/datatypes.html#unsignedInt), and of DICOM's own integer strings (PS3.5 section 6.2, IS). */
const NUMBER_MAX = 2 ** 31 - 1;
/** A code (http://hl7.org/fhir/R4/datatypes.html#code): single blanks within it, and no other white space. */
const CODE = /^[^\s\p{Cc}]+(?: [^\s\p{Cc}]+)*$/u;
/** A day of a dateTime (http://hl7.org/fhir/R4/datatypes.html#dateTime), which knows no year 0, and what may follow it: an hour of the day, a zone up to 14 hours away. */
const DAY = /^(?!0000)\d{4}-\d{2}-\d{2}/;
const TIME = /^(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?$/;

/**
 * What of an object's attributes an ImagingStudy can say. Consoles write whatever they like: what no resource can have is left out, since one such object would keep the
 * images of its whole study out of the record.
 */
export function recordable({
  instanceNumber,
  seriesNumber,
  modality,
  studyStarted,
  seriesStarted,
  ...others
}: ObjectAttributes): ObjectAttributes {
  const started = { studyStarted: dateTimeIn(studyStarted), seriesStarted: dateTimeIn(seriesStarted) };
  const numbers = { instanceNumber: numberIn(instanceNumber), seriesNumber: numberIn(seriesNumber) };
  const known = { ...numbers, ...started, modality: codeIn(modality) };
  return { ...others, ...Object.fromEntries(Object.entries(known).filter(([, one]) => one !== undefined)) };
}

const numberIn = (value: number | undefined): number | undefined =>
  value !== undefined && value <= NUMBER_MAX ? value : undefined;

const codeIn = (text: string | undefined): string | undefined =>
  text !== undefined && CODE.test(text) ? text : undefined;

/** The day alone where the rest is none. */
function dateTimeIn(text = ''): string | undefined {
  const [day] = DAY.exec(text) ?? [];
  return day !== undefined && TIME.test(text.slice(day.length)) ? text : day;
}
