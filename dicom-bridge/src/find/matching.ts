import { DIMSE_STATUS, DimseError } from '../dimse/services.ts';
import { withoutAccents } from '../fhir/withoutAccents.ts';
import type { DataSet, Value, Values } from '../objects/dataSet.ts';
import { findEntry } from '../objects/dictionary.ts';
import { itemsOf, textsOf } from '../objects/values.ts';
import { isLike } from './wildcard.ts';

/** Whether a data set is what was asked for. */
export type Matches = (dataSet: DataSet) => boolean;

/** Longer ones are no key of any value representation. */
export const KEY_CHARS_MAX = 1024;
/** Of one key, but for UIDs: each is compared with all that is looked through. */
export const KEY_VALUES_MAX = 100;

/** Dates, times and both, as ranges have them at their ends (PS3.4 section C.2.2.2.5). */
const POINTS: Readonly<Record<string, RegExp>> = {
  DA: /^\d{4}(?:\.?\d{2}\.?\d{2})$/,
  TM: /^\d{2}(?::?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?)?$/,
};
/** Of hours, minutes, seconds and a fraction. */
const TIME_DIGITS = 12;
/** In which `*` and `?` are no letters. */
const WITH_WILDCARDS: ReadonlySet<string> = new Set([
  'AE',
  'CS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'UC',
  'UR',
  'UT',
]);

/**
 * What a query asks for (PS3.4 section C.2.2.2): single values, lists of UIDs, wildcards, ranges of dates and times, items of sequences. Names are
 * alike without regard to case and accents. Empty keys match everything.
 *
 * @param keys keywords that are matched on; others are only asked for
 * @throws DimseError for a key that cannot be understood
 */
export function compileQuery(query: Values, keys: ReadonlySet<string>): Matches {
  const all = Object.keys(query).flatMap((keyword) => {
    const matches = keys.has(keyword) ? compileKey(query, keyword, keys) : undefined;
    return matches ? [matches] : [];
  });
  return (dataSet) => all.every((matches) => matches(dataSet));
}

function compileKey(query: Values, keyword: string, keys: ReadonlySet<string>): Matches | undefined {
  const { vr } = findEntry(keyword) ?? {};
  if (vr === undefined) return undefined;
  if (vr === 'SQ') return compileItem(itemsOf(query, keyword), keyword, keys);
  const wanted = textsOf(query, keyword);
  if (wanted.length === 0) return undefined;
  if (vr === 'UI') return compileUids(keyword, new Set(wanted));
  if (wanted.length > KEY_VALUES_MAX) throw notUnderstood(keyword, `has more than ${KEY_VALUES_MAX} values`);
  const tests = wanted.map((one) => compileValue(keyword, vr, one));
  return (dataSet) => valuesOf(dataSet[keyword]).some((value) => tests.some((test) => test(value)));
}

/** Retrievals may name all objects of a study. */
const compileUids =
  (keyword: string, wanted: ReadonlySet<string>): Matches =>
  (dataSet) =>
    valuesOf(dataSet[keyword]).some((value) => wanted.has(value));

/** An item of the sequence has to have all of it. */
function compileItem(
  [item]: readonly Values[],
  keyword: string,
  keys: ReadonlySet<string>,
): Matches | undefined {
  if (!item) return undefined;
  const matches = compileQuery(item, keys);
  return (dataSet) => ((dataSet[keyword] ?? []) as readonly DataSet[]).some(matches);
}

function compileValue(keyword: string, vr: string, wanted: string): (value: string) => boolean {
  if (wanted.length > KEY_CHARS_MAX) throw notUnderstood(keyword, 'is too long');
  const point = POINTS[vr];
  if (point) return compileRange(keyword, vr, wanted, point);
  if (vr === 'PN') {
    const pattern = foldedName(wanted);
    return (value) => isLike(foldedName(value), pattern);
  }
  return WITH_WILDCARDS.has(vr) ? (value) => isLike(value, wanted) : (value) => value === wanted;
}

function compileRange(
  keyword: string,
  vr: string,
  wanted: string,
  point: RegExp,
): (value: string) => boolean {
  const [from, to = from, ...more] = wanted.split('-').map((one) => one.trim());
  const isOpen = from === '' && to === '';
  if (isOpen || more.length > 0 || ![from!, to!].every((one) => one === '' || point.test(one))) {
    throw notUnderstood(keyword, `is no ${vr} and no range of them`);
  }
  const first = digits(from!, vr, '0');
  const last = to === '' ? '' : digits(to!, vr, '9');
  return (value) => {
    const known = value === '' ? '' : digits(value, vr, '0');
    return known !== '' && known >= first && (last === '' || known <= last);
  };
}

/** What a time leaves out is filled, so that the texts of two compare as the times do. */
function digits(text: string, vr: string, filling: string): string {
  const bare = text.replaceAll(/[.:]/g, '');
  return vr === 'TM' && bare !== '' ? bare.padEnd(TIME_DIGITS, filling) : bare;
}

/** Consoles write capitals without accents, and leave out parts at the end. */
const foldedName = (name: string): string =>
  withoutAccents(name)
    .toLowerCase()
    .replace(/[\^= ]+$/, '');

function valuesOf(value: Value | undefined): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

const notUnderstood = (keyword: string, why: string): DimseError =>
  new DimseError(DIMSE_STATUS.identifierMismatch, `${keyword} ${why}.`);
