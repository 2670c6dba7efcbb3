import { FORM, type KeyHasher } from './keys.ts';
import type { Key } from './rows.ts';

/** How what is contained is told from a resource by itself. */
export interface InsideKeys {
  /** What each of its keys and params is XORed with. */
  shift: Key;
  /** There is something contained that is referred to so. */
  present: Key;
  /** `param` of the range row with its main date: the date columns are the container's. */
  date: Key;
}

/**
 * The keys of what a resource contains and refers to, as chains ask for it (http://hl7.org/fhir/R4/search.html#contained): those that
 * it has as a resource by itself, shifted, so that they can stand among its container's.
 *
 * @param path of the references that lead to it (Slot.text)
 * @param type of what is contained
 */
export function insideKeys(hasher: KeyHasher, path: string, type: string): InsideKeys {
  const own = hasher.pathKey(`${path}#inside ${type}`);
  return { shift: own.key, present: hasher.key(own, FORM.present, ''), date: own.key };
}

/**
 * Parameters by which chains find what is contained. Not those added at run time: a reindex of their own types would not reach
 * the containers.
 */
export const findsInside = ({ added, type }: { added?: unknown; type: string }): boolean =>
  added === undefined && type !== 'composite' && type !== 'special';
