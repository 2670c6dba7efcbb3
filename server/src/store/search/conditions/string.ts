import type { Condition, StringMatch } from '../../../fhir/search/ast.ts';
import type { Key } from '../../index/rows.ts';
import type { ConditionContext } from './context.ts';
import { anyOf, isKey, sideRow } from './expressions.ts';
import { likePattern } from './like.ts';

export type StringCondition = Extract<Condition, { kind: 'string' }>;
type StringContext = Pick<ConditionContext, 'type' | 'index'>;

/**
 * Strings (http://hl7.org/fhir/R4/search.html#string): folded, or `exact` as they are written. Of long strings, the
 * first STRING_CHARS_MAX characters count, except for `exact`.
 */
export function stringCondition(context: ConditionContext, condition: StringCondition): string {
  const { match } = condition;
  if (match === 'exact') return exactCondition(context, condition);
  const { params, texts } = foldedStrings(context, condition);
  if (params.length === 0) return 'false';
  return sideRow(context, 'strings', (row) => {
    const param = isKey(context.parameters, `${row}.param`, params);
    return `${param} AND ${textMatches(context, `${row}.value`, match, texts)}`;
  });
}

/** String rows that are asked for: with one of the params, a value that matches one of the texts. */
export interface StringRows {
  /** Empty: nothing can match. */
  params: Key[];
  texts: string[];
}

/** What is asked of folded values (or of sounds). */
export function foldedStrings(context: StringContext, { parameter, values }: StringCondition): StringRows {
  const { index, type } = context;
  const wanted = values
    .map((value) => index.stringPrefix(type, parameter, value))
    .filter(({ params }) => params.length > 0);
  return { params: wanted[0]?.params ?? [], texts: wanted.map(({ prefix }) => prefix) };
}

/** What is asked of values as they are written: one of the folded texts, and one of the keys `exact`. */
export function exactStrings(
  { index, type }: StringContext,
  { parameter, values }: StringCondition,
): StringRows & { exact: Key[] } {
  const wanted = values.map((value) => index.stringExact(type, parameter, value));
  // A string as it is written has but one folded form, so that the two lists need not be matched pair by pair.
  return {
    params: wanted[0]!.params,
    texts: [...new Set(wanted.map(({ folded }) => folded))],
    exact: [...new Set(wanted.flatMap(({ exact }) => exact))],
  };
}

function exactCondition(context: ConditionContext, condition: StringCondition): string {
  const { parameters } = context;
  const { params, texts, exact } = exactStrings(context, condition);
  return sideRow(context, 'strings', (row) => {
    const param = isKey(parameters, `${row}.param`, params);
    const folded = parameters.add(texts);
    return `${param} AND ${row}.value = ANY (${folded}::text[]) AND ${isKey(parameters, `${row}.exact`, exact)}`;
  });
}

/** A text column matches one of the texts, both folded or both as they are written. */
export function textMatches(
  { parameters }: ConditionContext,
  column: string,
  match: Exclude<StringMatch, 'exact'>,
  texts: readonly string[],
): string {
  if (match === 'equals') return `${column} = ANY (${parameters.add([...texts])}::text[])`;
  return anyOf(
    [...new Set(texts)].map((text) => `${column} LIKE ${parameters.add(likePattern(match, text))}`),
  );
}
