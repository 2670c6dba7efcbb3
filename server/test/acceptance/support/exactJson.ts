import { isDeepStrictEqual } from 'node:util';

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown;

/**
 * Parses a JSON text so that numbers compare by their source text: 1.50 becomes `{ '#number': '1.50' }` and
 * differs from 1.5 (http://hl7.org/fhir/R4/datatypes.html#decimal).
 */
export function parseByText(text: string): unknown {
  return parseWith(text, (_key, value, { source }) =>
    typeof value === 'number' ? { '#number': source } : value,
  );
}

/** What a server adds to the content that it is given (http://hl7.org/fhir/R4/http.html#create). */
const SERVER_META = ['versionId', 'lastUpdated'];

/** A resource without what the server adds to its meta, to compare what was sent with what came back. */
export function withoutServerMeta(resource: unknown): unknown {
  const { meta, ...rest } = resource as { meta?: Record<string, unknown> };
  const kept = Object.entries(meta ?? {}).filter(([name]) => !SERVER_META.includes(name));
  return kept.length === 0 ? rest : { ...rest, meta: Object.fromEntries(kept) };
}

/** Whether two resources, read by {@link parseByText}, are equal but for what the server adds. */
export const sameContent = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(withoutServerMeta(a), withoutServerMeta(b));

/** Path of the first element in which two JSON values differ, for the message of a failure. */
export function firstDifference(a: unknown, b: unknown, path = '$'): string | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return path;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [x, y] = [(a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]];
    const found = firstDifference(x, y, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return path;
}
