import type { JsonObject } from '../../fhir/resource.ts';
import { isObject } from '../state.ts';

/** The items of a list at their places: what is no object, of which others tell, is an empty one. */
export const itemsOf = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.map((one: unknown) => (isObject(one) ? one : {})) : [];
