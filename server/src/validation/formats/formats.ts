import type { RuleId } from '../rules.ts';
import { isDate, isDateTime, isInstant, isTime } from './dates.ts';
import { isBoolean, isDecimal, isInteger, isPositiveInt, isUnsignedInt } from './numbers.ts';
import { isBase64Binary, isCode, isId, isOid, isString, isUri, isUuid, isXhtml } from './text.ts';

/** How a FHIR primitive type is written in JSON (http://hl7.org/fhir/R4/datatypes.html#primitive). */
export interface Format {
  /** Whether a value of any JSON type is a faultless one of this type. */
  check(value: unknown): boolean;
  json: 'string' | 'number' | 'boolean';
  /** The rule that a value of the right JSON type breaks; absent where the JSON type is all there is to it. */
  rule?: RuleId;
  /** What to write instead, to follow a colon. */
  advice: string;
}

const URI_ADVICE = 'write a URI without white space';

export const FORMATS: Readonly<Record<string, Format>> = {
  base64Binary: {
    check: isBase64Binary,
    json: 'string',
    rule: 'format-base64-binary',
    advice: 'encode the bytes as base64, padded with = to groups of four',
  },
  boolean: { check: isBoolean, json: 'boolean', advice: 'write true or false' },
  canonical: { check: isUri, json: 'string', rule: 'format-canonical', advice: URI_ADVICE },
  code: {
    check: isCode,
    json: 'string',
    rule: 'format-code',
    advice: 'write no space before or after it and only single spaces inside',
  },
  date: {
    check: isDate,
    json: 'string',
    rule: 'format-date',
    advice: 'write YYYY, YYYY-MM or YYYY-MM-DD, a day that the calendar has',
  },
  dateTime: {
    check: isDateTime,
    json: 'string',
    rule: 'format-date-time',
    advice:
      'write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone, a day that the calendar has',
  },
  decimal: { check: isDecimal, json: 'number', advice: 'write a number' },
  id: { check: isId, json: 'string', rule: 'format-id', advice: 'use 1 to 64 letters, digits, - and .' },
  instant: {
    check: isInstant,
    json: 'string',
    rule: 'format-instant',
    advice: 'write YYYY-MM-DDThh:mm:ss with a time zone, a day that the calendar has',
  },
  integer: {
    check: isInteger,
    json: 'number',
    rule: 'format-integer',
    advice: 'write a whole number from -2147483648 to 2147483647',
  },
  markdown: { check: isString, json: 'string', advice: 'write some text' },
  oid: {
    check: isOid,
    json: 'string',
    rule: 'format-oid',
    advice: 'write urn:oid: and the numbers of the OID',
  },
  positiveInt: {
    check: isPositiveInt,
    json: 'number',
    rule: 'format-positive-int',
    advice: 'write a whole number from 1 to 2147483647',
  },
  string: { check: isString, json: 'string', advice: 'write some text' },
  time: { check: isTime, json: 'string', rule: 'format-time', advice: 'write hh:mm:ss without a time zone' },
  unsignedInt: {
    check: isUnsignedInt,
    json: 'number',
    rule: 'format-unsigned-int',
    advice: 'write a whole number from 0 to 2147483647',
  },
  uri: { check: isUri, json: 'string', rule: 'format-uri', advice: URI_ADVICE },
  url: { check: isUri, json: 'string', rule: 'format-url', advice: URI_ADVICE },
  uuid: {
    check: isUuid,
    json: 'string',
    rule: 'format-uuid',
    advice: 'write urn:uuid: and the UUID in lower case',
  },
  xhtml: {
    check: isXhtml,
    json: 'string',
    rule: 'format-xhtml',
    advice: 'write XHTML that begins with a div element and has no control characters',
  },
};
