import type { JsonObject } from '../../fhir/resource.ts';

/**
 * Replaces references to bundle entries (`urn:uuid:...` or a full URL) by the ids that the entries got
 * (http://hl7.org/fhir/R4/http.html#trules). Only a whole `Reference.reference` counts, not one with a fragment or
 * version behind it, nor an element of type uri. Changes the tree in place.
 *
 * @param targets fullUrl of an entry -> `Type/id`
 */
export function resolveReferences(node: unknown, targets: ReadonlyMap<string, string>): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) resolveReferences(item, targets);
    return;
  }
  const object = node as JsonObject;
  for (const name in object) {
    const value = object[name];
    if (name === 'reference' && typeof value === 'string') object[name] = targets.get(value) ?? value;
    else if (typeof value === 'object') resolveReferences(value, targets);
  }
}
