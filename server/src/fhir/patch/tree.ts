import { JSON_DEPTH_MAX } from '../json/parse.ts';
import { fhirError } from '../outcome.ts';
import type { JsonObject } from '../resource.ts';
import { sameNumber } from './numbers.ts';
import type { Work } from './work.ts';

/*
 * JSON as `ParsedJson.exact` has it: objects, arrays, strings, booleans, null, numbers, and numbers that a double
 * cannot carry as frozen `JSON.rawJSON` objects.
 */

const isRaw = (JSON as unknown as { isRawJSON(value: unknown): value is { rawJSON: string } }).isRawJSON;

/** What an object or an array itself costs to copy, besides what is in it. */
const NODE_UNITS = 8;

/** An object of the tree; not an array, nor a number that stands as its text. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRaw(value);
}

/** The text of a number as it is written; undefined for anything else. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return isRaw(value) ? value.rawJSON : undefined;
}

/** The member of an object, undefined when it has none of that name: nothing is looked up in prototypes. */
export function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets a member of any name: `__proto__` is one like others. */
export function setMember(object: JsonObject, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** A copy that can be changed without changing the original. */
export function copyTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyTree);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const name of Object.keys(value)) setMember(copy, name, copyTree(value[name]));
  return copy;
}

/**
 * A copy that is to stand in another place.
 *
 * @param depth how deep it will stand; 0 for the resource itself
 * @throws FhirError `unprocessable` when it is nested too deep there, or comes to too much
 */
export function copyInto(value: unknown, depth: number, work: Work): unknown {
  if (typeof value === 'string') work.spend(value.length);
  if (typeof value !== 'object' || value === null || isRaw(value)) return value;
  if (depth >= JSON_DEPTH_MAX) throw tooDeep();
  work.spend(NODE_UNITS);
  if (Array.isArray(value)) return value.map((item) => copyInto(item, depth + 1, work));
  const copy: JsonObject = {};
  for (const [name, child] of Object.entries(value)) {
    work.spend(NODE_UNITS);
    setMember(copy, name, copyInto(child, depth + 1, work));
  }
  return copy;
}

/** Whether two texts mean the same JSON (RFC 6902 4.6): numbers by value, objects in any order of members. */
export function sameJson(a: unknown, b: unknown): boolean {
  return same(a, b, sameNumber);
}

/** Whether two trees are written with the same numbers, to the digit: `1.10` is not `1.1`. */
export function sameContent(a: unknown, b: unknown): boolean {
  return same(a, b, (x, y) => x === y);
}

function same(a: unknown, b: unknown, numbers: (a: string, b: string) => boolean): boolean {
  if (a === b) return true;
  const number = numberText(a);
  if (number !== undefined) {
    const other = numberText(b);
    return other !== undefined && numbers(number, other);
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i], numbers));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name], numbers))
  );
}

function tooDeep() {
  return fhirError(
    'unprocessable',
    'structure',
    `The patch would nest the resource deeper than ${JSON_DEPTH_MAX} levels: FHIR content is never that deep.`,
  );
}
