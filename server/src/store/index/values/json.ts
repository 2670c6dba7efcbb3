import type { JsonObject } from '../../../fhir/resource.ts';

/*
 * What an element holds, if it has the JSON shape that its type asks for. Telling the client that a shape is wrong
 * is the validator's part; what has the wrong shape cannot be found by search.
 */

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** A string that is not empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The members of an array; none of anything else. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
