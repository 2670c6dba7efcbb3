import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Hop } from '../../../fhir/path/resolvePath.ts';
import type { ParameterSlot } from '../../index/plan.ts';
import { canRead } from '../../index/values/canRead.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { referenceValues } from './referenceValues.ts';
import { asItIs, fromContent, selectTexts, selectValues, withoutOwnBase, type Change } from './texts.ts';
import { evaluated, property, walk, type Walked } from './walk.ts';

/** A subquery of one column, `value` (text, in byte order), about the row of the context. */
export interface ContentValues {
  sql: string;
}

/**
 * The values of a token, reference or URI parameter, read from the row's content: what the index, which has only keys of
 * them, cannot tell. Tokens by their code (identifiers and contact points by their value; booleans as `false` and
 * `true`), references and URIs as they are written, without this server's own base. No row where there is no value.
 *
 * @returns undefined where the values cannot be found by SQL: parameters of other types, and paths that only a
 *   FHIRPath engine can run
 */
export function contentValues(
  context: ConditionContext,
  parameter: SearchParameterDefinition,
): ContentValues | undefined {
  return valuesOf(context, parameter, (text) => withoutOwnBase(context, text));
}

/** As {@link contentValues}, with references and URIs exactly as they are written. */
export function contentUris(
  context: ConditionContext,
  parameter: SearchParameterDefinition,
): ContentValues | undefined {
  return valuesOf(context, parameter, asItIs);
}

function valuesOf(
  context: ConditionContext,
  parameter: SearchParameterDefinition,
  change: Change,
): ContentValues | undefined {
  const slots = context.index.plan(context.type, parameter)?.slots;
  if (!slots || !isReadable(slots)) return undefined;
  return {
    sql: fromContent(context, (start) => slots.flatMap((slot) => slotValues(context, start, slot, change))),
  };
}

/** Whether {@link contentValues} has an answer, asked without writing SQL. */
export function isReadable(slots: readonly ParameterSlot[]): boolean {
  const kinds: readonly string[] = ['token', 'reference', 'uri'];
  return slots.length > 0 && slots.every(({ slot }) => slot.resolved && kinds.includes(slot.kind));
}

/** One SELECT for each type that a slot's values can have. */
function slotValues(
  context: ConditionContext,
  start: Walked,
  { slot, target }: ParameterSlot,
  change: Change,
): string[] {
  if (slot.branch.existsUnlessFalse) return [existsUnlessFalse(context, start, slot.resolved!)];
  const paths = slot.resolved!.filter(({ type }) => canRead(slot.kind, type));
  return paths.map(({ hops, type }) => {
    const walked = walk(context, start, hops);
    if (slot.kind === 'reference') return referenceValues(context, walked, type, target, change);
    if (slot.kind === 'token') return tokenValues(context, walked, type);
    return selectTexts(context, walked, change);
  });
}

/** Where the code of a token stands within its element; absent: it is the element. */
const CODE_WITHIN: Readonly<Record<string, readonly Hop[]>> = {
  CodeableConcept: [property('coding', true), property('code')],
  Coding: [property('code')],
  Identifier: [property('value')],
  ContactPoint: [property('value')],
};

function tokenValues(context: ConditionContext, walked: Walked, type: string): string {
  if (type !== 'boolean') return selectTexts(context, walk(context, walked, CODE_WITHIN[type] ?? []));
  const found = evaluated(context, walked);
  return selectValues({ ...found, where: [...found.where, `json_typeof(${found.element}) = 'boolean'`] });
}

/** `path.exists() and path != false`, which always has a value. */
function existsUnlessFalse(
  context: ConditionContext,
  start: Walked,
  paths: readonly { hops: readonly Hop[] }[],
): string {
  const found = paths.map(({ hops }, i) => {
    const { from, where, element } = evaluated(context, walk(context, start, hops));
    const conditions = [...where, `json_typeof(${element}) <> 'null'`];
    return `SELECT ${i} AS nr, (${element})::text AS j FROM ${from.join(', ')} WHERE ${conditions.join(' AND ')}`;
  });
  return `SELECT coalesce((array_agg(x.j ORDER BY x.nr))[1] <> 'false', false)::text COLLATE "C" AS value FROM (${found.join(' UNION ALL ')}) x`;
}
