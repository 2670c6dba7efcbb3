import type { JsonObject } from '../../../../src/fhir/resource.ts';
import type { IndexQuery, PartQuery, QuantityValue, TokenValue } from '../../../../src/store/index/query.ts';
import type { IndexRows, Key } from '../../../../src/store/index/rows.ts';
import { overlap } from '../../../../src/store/index/spanTest.ts';
import type { Evaluated } from './evaluate.ts';
import { hasAnyKey, hasExact, hasDate, hasQuantity, hasRange, hasString } from './rows.ts';

/** A search for a value; says whether index rows answer it. */
export type Probe = (rows: IndexRows) => boolean;

/**
 * The searches that a client would make for a value that fhirpath found, each of which must find the resource.
 * None where the specification gives this kind of parameter no way to search by the type.
 */
export function probes(
  query: IndexQuery,
  type: string,
  code: string,
  kind: string,
  found: Evaluated,
): Probe[] {
  const byKeys =
    (keys: Key[]): Probe =>
    (rows) =>
      hasAnyKey(rows, keys);
  switch (kind) {
    case 'token':
      return tokens(found).map((token) => byKeys(query.tokenKeys(type, code, token)));
    case 'reference':
      return referenceValues(found).map((value) => byKeys(query.referenceKeys(type, code, value)));
    case 'uri':
      return uris(found).map((uri) => byKeys(query.uriKeys(type, code, uri)));
    case 'string':
      return texts(found).flatMap((text) => [
        (rows) => hasString(rows, query.stringPrefix(type, code, text.toUpperCase())),
        ...(code === 'phonetic'
          ? []
          : [(rows: IndexRows) => hasExact(rows, query.stringExact(type, code, text))]),
      ]);
    case 'date':
      return dates(found).map((ms) => (rows) => hasDate(rows, query, type, code, overlap(ms, ms)));
    case 'number':
      return numbers(found).map(
        (n) => (rows) => hasRange(rows, { params: query.rangeParams(type, code), test: overlap(n, n) }),
      );
    case 'quantity':
      return quantities(found).map((q) => (rows) => hasQuantity(rows, query.quantityTerms(type, code, q)));
    case 'special':
      return positions(found).map((position) => near(query, type, code, position));
    default:
      throw new Error(`There is no probe for ${kind}`);
  }
}

/** The same for a part of a composite: its first value. */
export function partQuery(kind: string, found: Evaluated): PartQuery | undefined {
  const token = kind === 'token' ? tokens(found)[0] : undefined;
  if (token) return { kind: 'token', token };
  const reference = kind === 'reference' ? referenceValues(found)[0] : undefined;
  if (reference !== undefined) return { kind: 'reference', value: reference };
  const quantity = kind === 'quantity' ? quantities(found)[0] : undefined;
  if (quantity) return { kind: 'quantity', quantity };
  const number = kind === 'number' ? numbers(found)[0] : kind === 'date' ? dates(found)[0] : undefined;
  if (number !== undefined) return { kind: kind as 'number' | 'date', test: overlap(number, number) };
  const value = kind === 'string' ? texts(found)[0] : undefined;
  return value === undefined ? undefined : { kind: 'string', value };
}

const object = (found: Evaluated) => found.value as JsonObject;
const some = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

function tokens(found: Evaluated): TokenValue[] {
  const both = (system: unknown, code: unknown): TokenValue[] => {
    if (typeof code !== 'string') return [];
    if (typeof system !== 'string') return [{ code }, { system: '', code }];
    return [{ system, code }, { code }];
  };
  switch (found.type) {
    case 'CodeableConcept':
      return ((object(found)['coding'] as JsonObject[] | undefined) ?? []).flatMap((c) =>
        both(c['system'], c['code']),
      );
    case 'Coding':
      return both(object(found)['system'], object(found)['code']);
    case 'Identifier':
      return both(object(found)['system'], object(found)['value']);
    case 'ContactPoint':
      return some(object(found)['value'] as string | undefined).map((code) => ({ code }));
    default:
      return typeof found.value === 'object' ? [] : [{ code: String(found.value) }];
  }
}

/** What is contained (`#x`) has no address that a search could name. */
function referenceValues(found: Evaluated): string[] {
  if (typeof found.value === 'string') return found.value.startsWith('#') ? [] : [found.value];
  const { reference, resourceType, id } = object(found) as Record<string, string | undefined>;
  if (resourceType !== undefined) return id === undefined ? [] : [`${resourceType}/${id}`];
  return reference === undefined || reference.startsWith('#') ? [] : [reference];
}

function uris(found: Evaluated): string[] {
  return typeof found.value === 'string' ? [found.value] : [];
}

const STRING_PARTS = [
  'text',
  'family',
  'given',
  'prefix',
  'suffix',
  'line',
  'city',
  'district',
  'state',
  'postalCode',
  'country',
];

function texts(found: Evaluated): string[] {
  if (typeof found.value === 'string') return [found.value];
  return STRING_PARTS.flatMap((part) => object(found)[part] ?? []) as string[];
}

const DATE_TYPES = ['date', 'dateTime', 'instant'];

/** Moments within the value. */
function dates(found: Evaluated): number[] {
  if (DATE_TYPES.includes(found.type)) return [Date.parse(found.value as string)];
  const { start, end, event } = object(found) as { start?: string; end?: string; event?: string[] };
  return [...some(start), ...some(end), ...(event ?? [])].map((text) => Date.parse(text));
}

function numbers(found: Evaluated): number[] {
  if (typeof found.value === 'number') return [found.value];
  const { low } = object(found) as { low?: { value?: number } };
  return some(low?.value);
}

interface QuantityJson {
  value?: number;
  comparator?: string;
  system?: string;
  code?: string;
  unit?: string;
  currency?: string;
}

function quantities(found: Evaluated): QuantityValue[] {
  const { low, origin } = object(found) as { low?: QuantityJson; origin?: QuantityJson };
  const { value, comparator, system, code, unit, currency } =
    low ?? origin ?? (object(found) as QuantityJson);
  if (value === undefined) return [];
  // What is more than 18 is not 18, but may be 19.
  const inside = comparator === '<' ? value - 1 : comparator === '>' ? value + 1 : value;
  const bounds = { test: overlap(inside, inside) };
  const probes: QuantityValue[] = [{ ...bounds }];
  if (code !== undefined) probes.unshift({ ...bounds, code });
  if (code !== undefined && system !== undefined) probes.unshift({ ...bounds, system, code });
  if (unit !== undefined && !low && !origin) probes.push({ ...bounds, code: unit });
  if (currency !== undefined) probes.push({ ...bounds, system: 'urn:iso:std:iso:4217', code: currency });
  return probes;
}

interface Position {
  latitude: number;
  longitude: number;
}

function positions(found: Evaluated): Position[] {
  return [object(found) as unknown as Position];
}

function near(query: IndexQuery, type: string, code: string, { latitude, longitude }: Position): Probe {
  const params = query.positionParams(type, code);
  return (rows) =>
    hasRange(rows, { params: params.latitude, test: overlap(latitude - 1, latitude + 1) }) &&
    hasRange(rows, { params: params.longitude, test: overlap(longitude - 1, longitude + 1) });
}
