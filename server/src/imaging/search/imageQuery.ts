import { isUid } from '@maxray/dicom-bridge/uid';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import type { StudyPath } from '../studies.ts';
import { LEVELS, attributeNamed, tagOf, type Attribute, type Level } from './attributes.ts';
import { requireReadable, type MatchingKey } from './matching.ts';

/** A search as it was understood (PS3.18 section 8.3.4). */
export interface ImageQuery {
  level: Level;
  /** What the URL itself names. */
  path: Partial<StudyPath>;
  keys: readonly MatchingKey[];
  /** Tags that were asked for beyond what is always told. */
  extras: ReadonlySet<string> | 'all';
  offset: number;
  limit: number;
  /** Names are compared as they are written, though something else was asked for. */
  isFuzzyRefused: boolean;
}

/** Results of one answer. */
export const RESULTS_MAX = 1_000;
/** Of a value, and of all that are asked for by one attribute. */
const VALUE_CHARS_MAX = 256;
const VALUES_MAX = 200;
const OFFSET_MAX = 1_000_000;

/** By which anything matches (PS3.4 section C.2.2.2.3), whatever the attribute is: who says so wants to be told of it. */
const isUniversal = (value: string): boolean => ['', '*'].includes(value.trim());

/** A tag or a keyword, or a path of them. What is none, and no parameter of the standard, is ignored (PS3.18 section 8.3). */
const ATTRIBUTE = /^(?:[\da-f]{8}|[A-Z][A-Za-z0-9]+)(?:\.(?:[\da-f]{8}|[A-Z][A-Za-z0-9]+))*$/i;
const KEYWORD_START = /^(?:[A-Z]|[\da-f]{8}(?:\.|$))/i;

/**
 * Reads the query of a search for studies, series or instances.
 *
 * @param pairs names and values, percent-decoded
 * @throws FhirError `incorrect` for an attribute by which nobody can search, and for a value that cannot be one
 */
export function readImageQuery(
  level: Level,
  path: Partial<StudyPath>,
  pairs: readonly (readonly [string, string])[],
): ImageQuery {
  const values = new Map<Attribute, string[]>();
  for (const [name, value] of pairs) {
    if (PARAMETERS.has(name) || !isAttributeName(name) || isUniversal(value)) continue;
    const attribute = searchable(name, level);
    values.set(attribute, [...(values.get(attribute) ?? []), ...valuesIn(attribute, value)]);
  }
  const keys = [...values]
    .map(([attribute, all]) => keyOf(attribute, all))
    .filter((key) => key !== undefined);
  return {
    level,
    path,
    keys: [...keys, ...keysOfPath(path)],
    extras: extrasOf(pairs),
    offset: count(pairs, 'offset', OFFSET_MAX) ?? 0,
    limit: Math.min(count(pairs, 'limit', OFFSET_MAX) ?? RESULTS_MAX, RESULTS_MAX),
    isFuzzyRefused: pairs.some(([name, value]) => name === 'fuzzymatching' && value === 'true'),
  };
}

const PARAMETERS: ReadonlySet<string> = new Set([
  'includefield',
  'fuzzymatching',
  'limit',
  'offset',
  'emptyvaluematching',
  'multiplevaluematching',
  'accept',
]);

/** Keywords begin with a capital; names that begin otherwise are parameters of somebody else. */
const isAttributeName = (name: string): boolean =>
  ATTRIBUTE.test(name) && KEYWORD_START.test(name) && !/^[a-z]+$/.test(name);

function searchable(name: string, level: Level): Attribute {
  const attribute = attributeNamed(name);
  if (attribute?.matching === undefined) throw unusable(`Nobody can search by ${name} here: leave it out.`);
  if (LEVELS.indexOf(attribute.level) > LEVELS.indexOf(level)) {
    const instead = name === 'Modality' ? ' Use ModalitiesInStudy.' : '';
    throw unusable(
      `${name} is of the level ${attribute.level}: it is no key of a search at ${level}.${instead}`,
    );
  }
  return attribute;
}

/** UIDs and codes come as lists, with the comma of the standard or the backslash of DIMSE. */
function valuesIn({ matching }: Attribute, value: string): string[] {
  const all = matching === 'uid' || matching === 'code' ? value.split(/[,\\]/) : [value];
  return all.map((one) => one.trim()).filter((one) => one !== '' && one !== '*');
}

/** @returns undefined where anything matches (PS3.4 section C.2.2.2.3) */
function keyOf(attribute: Attribute, values: readonly string[]): MatchingKey | undefined {
  const { keyword, matching } = attribute;
  if (values.length === 0) return undefined;
  if (values.length > 1 && matching !== 'uid' && matching !== 'code')
    throw unusable(`${keyword} takes one value: leave the others out.`);
  if (values.length > VALUES_MAX) throw unusable(`${keyword} takes ${VALUES_MAX} values at most.`);
  if (values.some((one) => one.length > VALUE_CHARS_MAX))
    throw unusable(`A value of ${keyword} is longer than ${VALUE_CHARS_MAX} characters.`);
  if (matching === 'uid' && !values.every(isUid)) throw unusable(`${keyword} takes UIDs.`);
  for (const value of values) requireReadable(attribute, value);
  return { attribute, values };
}

function keysOfPath({ study, series }: Partial<StudyPath>): MatchingKey[] {
  const named = { StudyInstanceUID: study, SeriesInstanceUID: series };
  return Object.entries(named).flatMap(([keyword, uid]) =>
    uid === undefined ? [] : [{ attribute: attributeNamed(keyword)!, values: [uid] }],
  );
}

function extrasOf(pairs: readonly (readonly [string, string])[]): ReadonlySet<string> | 'all' {
  const names = pairs.flatMap(([name, value]) => {
    if (name === 'includefield') return value.split(',');
    return isUniversal(value) ? [name] : [];
  });
  if (names.includes('all')) return 'all';
  const known = names.map(attributeNamed).filter((one) => one !== undefined);
  return new Set(known.map(({ keyword }) => tagOf(keyword)));
}

function count(
  pairs: readonly (readonly [string, string])[],
  parameter: string,
  max: number,
): number | undefined {
  const value = pairs.find(([name]) => name === parameter)?.[1];
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,9}$/.test(value) || Number(value) > max)
    throw unusable(`${parameter} takes a number from 0 to ${max}.`, parameter);
  return Number(value);
}

const unusable = (text: string, parameter?: string): FhirError =>
  fhirError('incorrect', 'not-supported', text, parameter && `http.${parameter}`);
