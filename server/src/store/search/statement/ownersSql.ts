import { joined, type ConditionContext } from '../conditions/context.ts';
import { anyKey } from '../conditions/expressions.ts';
import type { Owners } from '../conditions/owners.ts';
import { prefixRids } from './prefixRids.ts';

/**
 * The resource belongs to one of the patients that a chain leads to: they are looked up once, before anything else, by one
 * index, whatever the values.
 */
export function ownersSql(context: ConditionContext, owners: Owners): string {
  const patient = joined(context, 'Patient');
  const { alias, tables } = patient;
  const found =
    owners.keys === undefined
      ? `${tables.resource} ${alias} WHERE ${alias}.rid = ANY (ARRAY (${prefixRids(patient, owners.prefixes!)}))`
      : `${tables.resource} ${alias} WHERE ${anyKey(patient, owners.keys)}`;
  return `${context.alias}.pat = ANY (ARRAY (SELECT ${alias}.self FROM ${found} AND ${alias}.method <> 'D'))`;
}
