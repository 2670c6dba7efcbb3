import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Hop } from '../../../fhir/path/resolvePath.ts';
import type { ParameterSlot } from '../../index/plan.ts';
import { canRead } from '../../index/values/canRead.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { referenceValues } from './referenceValues.ts';
import { content, property, walk } from './walk.ts';
import { NO_VALUES, selectTexts, selectValues, withoutOwnBase } from './texts.ts';

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
  return valuesOf(context, parameter, (text) => text);
}

/** What to make of the SQL of a reference or a URI. */
type Change = (text: string) => string;

function valuesOf(
  context: ConditionContext,
  parameter: SearchParameterDefinition,
  change: Change,
): ContentValues | undefined {
  const slots = context.index.plan(context.type, parameter)?.slots;
  if (!slots || !isReadable(slots)) return undefined;
  const selects = slots.flatMap((slot) => slotValues(context, slot, change));
  return { sql: selects.length === 0 ? NO_VALUES : selects.join(' UNION ALL ') };
}

/** Whether {@link contentValues} has an answer, asked without writing SQL. */
export function isReadable(slots: readonly ParameterSlot[]): boolean {
  const kinds: readonly string[] = ['token', 'reference', 'uri'];
  return slots.length > 0 && slots.every(({ slot }) => slot.resolved && kinds.includes(slot.kind));
}

/** One SELECT for each type that a slot's values can have. */
function slotValues(context: ConditionContext, { slot, target }: ParameterSlot, change: Change): string[] {
  if (slot.branch.existsUnlessFalse) return [existsUnlessFalse(context, slot.resolved!)];
  const paths = slot.resolved!.filter(({ type }) => canRead(slot.kind, type));
  return paths.flatMap(({ hops, type }) => {
    if (slot.kind === 'reference') return referenceValues(context, hops, type, target, change);
    if (slot.kind === 'token') return tokenValues(context, [...hops, ...(CODE_WITHIN[type] ?? [])], type);
    return [selectTexts(walk(context, content(context), hops), change)];
  });
}

/** Where the code of a token stands within its element; absent: it is the element. */
const CODE_WITHIN: Readonly<Record<string, readonly Hop[]>> = {
  CodeableConcept: [property('coding', true), property('code')],
  Coding: [property('code')],
  Identifier: [property('value')],
  ContactPoint: [property('value')],
};

function tokenValues(context: ConditionContext, hops: readonly Hop[], type: string): string[] {
  const walked = walk(context, content(context), hops);
  if (type !== 'boolean') return [selectTexts(walked)];
  const isBoolean = `json_typeof(${walked.element}) = 'boolean'`;
  return [selectValues({ ...walked, where: [...walked.where, isBoolean] })];
}

/** `path.exists() and path != false`, which always has a value. */
function existsUnlessFalse(context: ConditionContext, paths: readonly { hops: readonly Hop[] }[]): string {
  const found = paths.map(({ hops }, i) => {
    const { from, where, element } = walk(context, content(context), hops);
    const conditions = [...where, `json_typeof(${element}) <> 'null'`];
    return `SELECT ${i} AS nr, (${element})::text AS j FROM ${from} WHERE ${conditions.join(' AND ')}`;
  });
  return `SELECT coalesce((array_agg(x.j ORDER BY x.nr))[1] <> 'false', false)::text COLLATE "C" AS value FROM (${found.join(' UNION ALL ')}) x`;
}
