import { fhirError } from '../outcome.ts';

/** What one pass over the bytes of a JSON text tells, before anything is parsed. */
export interface JsonFacts {
  /** Object members (colons outside strings): the parsed tree has fewer when a name stands twice. */
  members: number;
  /** Where the numbers begin that might not survive parse and stringify: `1.50`, `1e-7`, `0.10`, 17 digits. Ascending. */
  inexact: readonly number[];
}

/** White space, and what JSON does not allow. */
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const POINT = 0x2e;
const ZERO = 0x30;

/** Digits that a double always carries. */
const SAFE_NUMBER_CHARS = 15;

/** How large a parsed text may be. */
export interface JsonBounds {
  /** Deepest nesting of objects and arrays. */
  depthMax: number;
  /** Most values: objects, arrays, strings, numbers and literals, nested ones included. */
  valuesMax: number;
  /** Most members of one object. */
  membersMax: number;
}

/**
 * Scans a JSON text once. It does not judge the grammar (JSON.parse does), but it bounds the nesting, so that
 * no later recursion can overflow the stack, and the numbers of values and members, which decide how much memory and time they take.
 *
 * @throws FhirError `incorrect` when the text goes beyond the bounds
 */
export function scanJson(bytes: Uint8Array, bounds: JsonBounds): JsonFacts {
  const { depthMax, valuesMax, membersMax } = bounds;
  let members = 0;
  let depth = 0;
  // Members of the innermost object so far, and of those around it.
  let own = 0;
  const outer: number[] = [];
  // Each value but the first in its object or array follows a comma; those first ones are as many as what holds them, at the most.
  let values = 1;
  const inexact: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i]!;
    if (c <= SPACE) continue; // more than half of what is written to be read
    if (c === QUOTE) i = endOfString(bytes, i);
    else if (c === 0x3a) {
      members++;
      if (++own > membersMax) throw tooWide(membersMax);
    } else if (c === 0x2c) values++;
    else if (c === 0x7b || c === 0x5b) {
      values++;
      if (++depth > depthMax) throw tooDeep(depthMax);
      outer[depth] = own;
      own = 0;
    } else if (c === 0x7d || c === 0x5d) {
      own = outer[depth] ?? 0;
      depth--;
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const end = endOfNumber(bytes, i);
      if (!survivesParsing(bytes, i, end)) inexact.push(i);
      i = end - 1;
    }
  }
  if (values > valuesMax) throw tooMany(valuesMax);
  return { members, inexact };
}

/** Index of the closing quote (or the end of the text) of the string that opens at `start`. */
function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < bytes.length) {
    const c = bytes[i]!;
    if (c === QUOTE) return i;
    i += c === BACKSLASH ? 2 : 1;
  }
  return i;
}

/** Index after the number that begins at `start`. */
export function endOfNumber(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  for (; i < bytes.length; i++) {
    const c = bytes[i]!;
    const inNumber =
      (c >= 0x30 && c <= 0x39) || c === 0x2e || c === 0x65 || c === 0x45 || c === 0x2b || c === 0x2d;
    if (!inNumber) break;
  }
  return i;
}

function survivesParsing(bytes: Uint8Array, start: number, end: number): boolean {
  let isShort = bytes[start] !== 0x2d && end - start <= SAFE_NUMBER_CHARS;
  let points = 0;
  for (let i = start + 1; i < end; i++) {
    const c = bytes[i]!;
    if (c === POINT) points++;
    else if (c < ZERO || c > 0x39) isShort = false;
  }
  if (isShort && points === 0) return true;
  // A fraction that is written anew never ends in 0. Most are told without making a text of them.
  if (points > 0 && bytes[end - 1] === ZERO) return false;
  if (isShort && points === 1 && bytes[start] !== ZERO) return true;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return String(Number(text)) === text && text !== '-0';
}

function tooDeep(depthMax: number) {
  return fhirError(
    'incorrect',
    'structure',
    `The JSON is nested deeper than ${depthMax} levels: FHIR content is never that deep, so flatten it.`,
  );
}

function tooMany(valuesMax: number) {
  return fhirError(
    'too-large',
    'too-long',
    `The JSON has more than ${valuesMax} values: send it in several parts.`,
  );
}

function tooWide(membersMax: number) {
  return fhirError(
    'incorrect',
    'structure',
    `An object of the JSON has more than ${membersMax} members: no FHIR content has so many, so remove them.`,
  );
}
