/** Longest string and markdown, in characters (http://hl7.org/fhir/R4/datatypes.html#string). */
export const STRING_LENGTH_MAX = 1024 * 1024;

/** Up to here a loop is quicker than the start of a regular expression. */
const LOOP_LENGTH_MAX = 64;
const SUSPICIOUS = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]/;
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/** A FHIR string or markdown that needs no remark: not empty, not too long, whole Unicode, no control characters, no white space around it. */
export function isString(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const { length } = value;
  if (length === 0 || length > STRING_LENGTH_MAX) return false;
  if (value.charCodeAt(0) <= 0x20 || value.charCodeAt(length - 1) <= 0x20) return false;
  if (length > LOOP_LENGTH_MAX) return !SUSPICIOUS.test(value) || isCleanText(value);
  for (let i = 0; i < length; i++) {
    const c = value.charCodeAt(i);
    if (c < 0x20 ? c !== 0x09 && c !== 0x0a && c !== 0x0d : c >= 0xd800 && c <= 0xdfff) {
      return isCleanText(value);
    }
  }
  return true;
}

/** Whether a text has characters that XML cannot carry, U+0000 among them. */
export const hasControlCharacters = (text: string): boolean => CONTROL.test(text);

/** Slow and exact, for texts with characters beyond the Basic Multilingual Plane. */
function isCleanText(value: string): boolean {
  return !CONTROL.test(value) && value.isWellFormed();
}

/**
 * http://hl7.org/fhir/R4/datatypes.html#code: no white space but single spaces inside. White space is XML's: a
 * no-break space is a character like others (HL7's own code systems have codes that end in one).
 */
export function isCode(value: unknown): boolean {
  if (typeof value !== 'string' || value.length === 0) return false;
  let spaceBefore = true;
  let ascii = true;
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c < 0x20 || (c === 0x20 && spaceBefore)) return false;
    spaceBefore = c === 0x20;
    ascii &&= c < 0x80;
  }
  return !spaceBefore && (ascii || value.isWellFormed());
}

/** http://hl7.org/fhir/R4/datatypes.html#uri, and url and canonical, which are spelled alike. */
export function isUri(value: unknown): boolean {
  if (typeof value !== 'string' || value.length === 0) return false;
  let ascii = true;
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c <= 0x20) return false;
    ascii &&= c < 0x80;
  }
  return ascii || value.isWellFormed();
}

/** http://hl7.org/fhir/R4/datatypes.html#id */
export function isId(value: unknown): boolean {
  if (typeof value !== 'string' || value.length === 0 || value.length > 64) return false;
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    const allowed =
      (c >= 0x61 && c <= 0x7a) ||
      (c >= 0x30 && c <= 0x39) ||
      (c >= 0x41 && c <= 0x5a) ||
      c === 0x2d ||
      c === 0x2e;
    if (!allowed) return false;
  }
  return true;
}

const OID = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isOid(value: unknown): boolean {
  return typeof value === 'string' && OID.test(value);
}

export function isUuid(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value);
}

/** Base64 in groups of four (RFC 4648), white space between characters allowed. */
export function isBase64Binary(value: unknown): boolean {
  if (typeof value !== 'string' || value.length === 0) return false;
  // No pattern with a repetition here: values can be megabytes, and these searches never backtrack.
  const compact = /[ \t\r\n]/.test(value) ? value.replaceAll(/[ \t\r\n]/g, '') : value;
  if (compact.length === 0 || compact.length % 4 !== 0 || /[^A-Za-z0-9+/=]/.test(compact)) return false;
  const padding = compact.indexOf('=');
  return padding < 0 || (padding >= compact.length - 2 && compact.endsWith('='));
}

const DIV_START = /^\s*<div[\s/>]/;

/** A narrative: at this stage only that it begins with the `div` element. */
export function isXhtml(value: unknown): boolean {
  return typeof value === 'string' && DIV_START.test(value) && value.isWellFormed() && !CONTROL.test(value);
}
