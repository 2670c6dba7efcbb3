const NOT_DIGITS = -1;
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DATE_LENGTH = 10;

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, a day that the calendar has. */
export function isDate(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const { length } = value;
  return (length === 4 || length === 7 || length === DATE_LENGTH) && isDateUpTo(value, length);
}

/** A date, or a date with time and zone (http://hl7.org/fhir/R4/datatypes.html#dateTime). */
export function isDateTime(value: unknown): boolean {
  return typeof value === 'string' && (value.length > DATE_LENGTH ? isInstant(value) : isDate(value));
}

/** `YYYY-MM-DDThh:mm:ss.sss+zz:zz`: at least seconds, and always a zone. */
export function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || value.charCodeAt(DATE_LENGTH) !== 0x54) return false;
  if (!isDateUpTo(value, DATE_LENGTH)) return false;
  const zoneAt = timeEnd(value, DATE_LENGTH + 1);
  return zoneAt > 0 && isZone(value, zoneAt);
}

/** `hh:mm:ss` with an optional fraction; no zone. */
export function isTime(value: unknown): boolean {
  return typeof value === 'string' && timeEnd(value, 0) === value.length && value.length > 0;
}

function isDateUpTo(text: string, length: number): boolean {
  const year = digits(text, 0, 4);
  if (year < 1) return false;
  if (length === 4) return true;
  const month = digits(text, 5, 2);
  if (text.charCodeAt(4) !== 0x2d || month < 1 || month > 12) return false;
  if (length === 7) return true;
  const day = digits(text, 8, 2);
  return text.charCodeAt(7) === 0x2d && day >= 1 && day <= daysOfMonth(year, month);
}

function daysOfMonth(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : (DAYS_OF_MONTH[month - 1] ?? 0);
}

/** The index after `hh:mm:ss` and its fraction; -1 if there is no such time. 60 is a leap second. */
function timeEnd(text: string, at: number): number {
  const hour = digits(text, at, 2);
  const minute = digits(text, at + 3, 2);
  const second = digits(text, at + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return NOT_DIGITS;
  if (text.charCodeAt(at + 2) !== 0x3a || text.charCodeAt(at + 5) !== 0x3a) return NOT_DIGITS;
  let end = at + 8;
  if (text.charCodeAt(end) !== 0x2e) return end;
  const fractionAt = ++end;
  while (isDigit(text.charCodeAt(end))) end++;
  return end > fractionAt ? end : NOT_DIGITS;
}

/** `Z` or an offset up to 14:00 that ends the text. */
function isZone(text: string, at: number): boolean {
  const sign = text.charCodeAt(at);
  if (sign === 0x5a) return text.length === at + 1;
  if ((sign !== 0x2b && sign !== 0x2d) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 0x3a)
    return false;
  const hour = digits(text, at + 1, 2);
  const minute = digits(text, at + 4, 2);
  return minute >= 0 && minute <= 59 && ((hour >= 0 && hour <= 13) || (hour === 14 && minute === 0));
}

/** The number that `count` digits make; -1 if one of them is none. */
function digits(text: string, at: number, count: number): number {
  let number = 0;
  for (let i = at; i < at + count; i++) {
    const c = text.charCodeAt(i);
    if (!isDigit(c)) return NOT_DIGITS;
    number = number * 10 + c - 0x30;
  }
  return number;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}
