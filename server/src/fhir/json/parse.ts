import { isUtf8 } from 'node:buffer';
import { errorIssue, FhirError, fhirError } from '../outcome.ts';
import { duplicateName } from './duplicateName.ts';
import { withExactNumbers } from './exactNumbers.ts';
import { scanJson, type JsonBounds } from './scan.ts';
import { syntaxFault } from './syntaxFault.ts';

/** Deepest nesting of objects and arrays that is read. */
export const JSON_DEPTH_MAX = 64;
/** Most values of one text: what is parsed takes memory by its values rather than by its bytes, some 100 bytes for each. */
export const JSON_VALUES_MAX = 6_000_000;
/** Most members of one object: V8 takes seconds for an object with millions. */
export const JSON_MEMBERS_MAX = 10_000;

const BOUNDS: JsonBounds = {
  depthMax: JSON_DEPTH_MAX,
  valuesMax: JSON_VALUES_MAX,
  membersMax: JSON_MEMBERS_MAX,
};

const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const UNBOUNDED: JsonBounds = { depthMax: Infinity, valuesMax: Infinity, membersMax: Infinity };

/**
 * One JSON text, parsed without loss. `value` has plain numbers, for code that computes; `exact` is the same
 * tree in which a number that a double cannot carry stands as its source text (`JSON.rawJSON`), for code that
 * writes the text again. They are the same object whenever no such number is there, which is nearly always.
 */
export interface ParsedJson {
  value: unknown;
  exact: unknown;
}

/**
 * Parses bytes as JSON (RFC 8259, UTF-8): names unique, nesting and number of values bounded, no digit of a number lost
 * (http://hl7.org/fhir/R4/json.html, datatypes.html#decimal).
 *
 * @throws FhirError `incorrect` with what is wrong and where, or `too-large`; content is never quoted
 */
export function parseJson(body: Uint8Array, bounds: Partial<JsonBounds> = {}): ParsedJson {
  if (!isUtf8(body))
    throw fhirError('incorrect', 'structure', 'The body is not valid UTF-8: send it in UTF-8.');
  const bytes = withoutByteOrderMark(body);
  const facts = scanJson(bytes, { ...BOUNDS, ...bounds });
  const text = bytes.toString();
  const value = parseText(text);
  if (countMembers(value) !== facts.members) throw duplicate(text, value);
  return { value, exact: withExactNumbers(bytes, facts.inexact, value) };
}

/** Parses a text that is known to be good (our own), keeping every number as it is written. */
export function parseExact(text: string): unknown {
  const bytes = Buffer.from(text);
  return withExactNumbers(bytes, scanJson(bytes, UNBOUNDED).inexact, JSON.parse(text));
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (text.trim() === '') throw fhirError('incorrect', 'structure', 'The body is empty: send JSON in it.');
    const fault = syntaxFault(text);
    const where = fault === undefined ? '' : ` at character ${fault.at}`;
    const diagnostics = `The body is not well-formed JSON${where}: correct its syntax.`;
    throw fhirError('incorrect', 'structure', diagnostics, fault?.expression);
  }
}

/** A text without the byte order mark that some editors put before it (RFC 8259 8.1). Not copied. */
export function withoutByteOrderMark({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? bytes.subarray(BYTE_ORDER_MARK.length)
    : bytes;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countMembers(item);
    return count;
  }
  for (const name in value) {
    count++;
    const child = (value as Record<string, unknown>)[name];
    if (typeof child === 'object') count += countMembers(child);
  }
  return count;
}

const TYPE_NAME = /^[A-Z][A-Za-z]{1,63}$/;

/** Names the property and the object that has it twice, from the type of the resource on where it says one. */
function duplicate(text: string, value: unknown): FhirError {
  const path = duplicateName(text);
  const diagnostics = `The property ${path ?? 'of an object'} stands twice: property names must be unique within an object.`;
  if (path === undefined) return fhirError('incorrect', 'structure', diagnostics);
  const type = (value as { resourceType?: unknown } | null)?.resourceType;
  if (typeof type !== 'string' || !TYPE_NAME.test(type)) {
    return fhirError('incorrect', 'structure', diagnostics, path);
  }
  const full = `${type}.${path}`;
  const expression = [full, full.slice(0, full.lastIndexOf('.'))];
  return new FhirError('incorrect', [{ ...errorIssue('structure', diagnostics), expression }]);
}
