/** A span of time in milliseconds since 1970 UTC, both ends included; ±Infinity where open. */
export interface DateSpan {
  loMs: number;
  hiMs: number;
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Largest offset from UTC in use is +14:00. */
const ZONE_OFFSET_MAX_MS = 14 * 60 * MINUTE_MS;

/**
 * The time that a FHIR date, dateTime or instant covers, by its precision
 * (http://hl7.org/fhir/R4/search.html#date): `2020-02` is the whole of February. Without a zone it is in UTC.
 *
 * @returns undefined when the text is no date, or one that does not exist (30 February)
 */
export function dateSpan(text: string): DateSpan | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute = '', second, fraction, zone] = match;
  const y = Number(year);
  const m = month === undefined ? 1 : Number(month);
  const d = day === undefined ? 1 : Number(day);
  if (m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m)) return undefined;
  const startMs = utcMs(y, m, d);
  if (month === undefined) return { loMs: startMs, hiMs: utcMs(y + 1, 1, 1) - 1 };
  if (day === undefined) return { loMs: startMs, hiMs: utcMs(y, m + 1, 1) - 1 };
  if (hour === undefined) return { loMs: startMs, hiMs: startMs + DAY_MS - 1 };
  const timeMs = timeOfDayMs(Number(hour), Number(minute), Number(second ?? 0));
  const offsetMs = zoneOffsetMs(zone);
  if (timeMs === undefined || offsetMs === undefined) return undefined;
  const loMs = startMs + timeMs - offsetMs + fractionMs(fraction);
  return { loMs, hiMs: loMs + precisionMs(second, fraction) - 1 };
}

/** The smallest span that covers all; undefined for none. */
export function hull(spans: readonly DateSpan[]): DateSpan | undefined {
  if (spans.length === 0) return undefined;
  let loMs = Infinity;
  let hiMs = -Infinity;
  // No spread: there can be more of them than a call takes arguments.
  for (const span of spans) {
    loMs = Math.min(loMs, span.loMs);
    hiMs = Math.max(hiMs, span.hiMs);
  }
  return { loMs, hiMs };
}

function utcMs(year: number, month: number, day: number): number {
  const ms = Date.UTC(year, month - 1, day);
  // Date.UTC takes the years 0 to 99 for the twentieth century.
  return year >= 100 ? ms : new Date(ms).setUTCFullYear(year, month - 1, day);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const LAST_SECOND = 59;

/** A second may be 60: the leap second, which FHIR's own pattern allows. It counts as the one before it, as it is of the same day. */
function timeOfDayMs(hour: number, minute: number, second: number): number | undefined {
  if (hour > 23 || minute > 59 || second > LAST_SECOND + 1) return undefined;
  return (hour * 60 + minute) * MINUTE_MS + Math.min(second, LAST_SECOND) * SECOND_MS;
}

function zoneOffsetMs(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  const offsetMs = minutes * MINUTE_MS;
  if (offsetMs > ZONE_OFFSET_MAX_MS || Number(zone.slice(4, 6)) > 59) return undefined;
  return zone.startsWith('-') ? -offsetMs : offsetMs;
}

function fractionMs(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** How long the text's last unit is; never less than a millisecond. */
function precisionMs(second: string | undefined, fraction: string | undefined): number {
  if (second === undefined) return MINUTE_MS;
  return fraction === undefined ? SECOND_MS : 10 ** (3 - Math.min(3, fraction.length));
}
