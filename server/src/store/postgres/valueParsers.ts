import { types, type CustomTypesConfig } from 'pg';

/** Object identifiers of PostgreSQL's built-in types (pg_type.dat). */
const INT8 = 20;
const TEXT = 25;
const FLOAT8 = 701;
const CHAR = 18;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

const asText = (text: string): string => text;

const parsers = new Map<number, (text: string) => unknown>([
  [INT8, asText], // beyond the safe integers of JavaScript
  [TEXT, asText],
  [CHAR, asText],
  [DATE, asText], // without a time zone: not an instant
  [TIMESTAMP, asText],
  [FLOAT8, Number],
  [TIMESTAMPTZ, parseInstant],
]);

/** How values come back: bigint as decimal text, timestamptz as Date (±Infinity as number), the rest as pg does it. */
export const VALUE_PARSERS = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : parsers.get(oid)) ?? types.getTypeParser(oid, format as 'text'),
} as unknown as CustomTypesConfig;

const ZERO = 48;
const DOT = 46;
/** Length of `2024-01-02 03:04:05`. */
const SECONDS_END = 19;

/**
 * `2024-01-02 03:04:05.123456+00`, the form of years 0001 to 9999 in sessions in UTC, without regular expressions: reads of
 * history turn thousands of these a second. Microseconds are cut off.
 */
export function parseInstant(text: string): Date | number {
  const usual = text.charCodeAt(4) === 45 && text.charCodeAt(10) === 32 && text.endsWith('+00');
  if (!usual) return types.getTypeParser(TIMESTAMPTZ)(text) as Date | number;
  const date = new Date(0);
  date.setUTCFullYear(digits(text, 0, 4), digits(text, 5, 7) - 1, digits(text, 8, 10));
  date.setUTCHours(
    digits(text, 11, 13),
    digits(text, 14, 16),
    digits(text, 17, SECONDS_END),
    milliseconds(text),
  );
  return date;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i += 1) value = value * 10 + text.charCodeAt(i) - ZERO;
  return value;
}

function milliseconds(text: string): number {
  if (text.charCodeAt(SECONDS_END) !== DOT) return 0;
  const start = SECONDS_END + 1;
  const end = Math.min(text.length - '+00'.length, start + 3);
  return digits(text, start, end) * 10 ** (3 - (end - start));
}
