import type { Condition } from '../../../fhir/search/ast.ts';
import type { Key } from '../../index/rows.ts';

/** Longer lists of keys are not compared: that would cost more than it saves. */
const COMPARED_KEYS_MAX = 100;

/**
 * Conditions without those that others of them imply: who has one of some keys has one of more keys. What a caller may see often repeats
 * what he asks for. Asked twice, it would count twice in the guess how many resources there are.
 *
 * @param conditions that must all hold
 * @param keysOf keys of which a resource has one exactly where it satisfies the condition; undefined where there are none such
 */
export function withoutImplied(
  conditions: readonly Condition[],
  keysOf: (condition: Condition) => readonly Key[] | undefined,
): Condition[] {
  const keyed = conditions.map((condition) => comparable(keysOf(condition)));
  const implies = (one: number, other: number): boolean => {
    const [few, many] = [keyed[one], keyed[other]];
    if (one === other || few === undefined || many === undefined || few.size > many.size) return false;
    // Of two that are the same the first one stays.
    return (few.size < many.size || one < other) && few.isSubsetOf(many);
  };
  return conditions.filter((_, other) => !keyed.some((_keys, one) => implies(one, other)));
}

/** No key at all stands for what nothing satisfies: that is no matter of other conditions. */
const comparable = (keys: readonly Key[] | undefined): ReadonlySet<Key> | undefined =>
  keys === undefined || keys.length === 0 || keys.length > COMPARED_KEYS_MAX ? undefined : new Set(keys);
