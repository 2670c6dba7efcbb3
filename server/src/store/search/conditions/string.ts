import type { Condition, StringMatch } from '../../../fhir/search/ast.ts';
import type { ConditionContext } from './context.ts';
import { anyOf, isKey, sideRow } from './expressions.ts';
import { likePattern } from './like.ts';

type StringCondition = Extract<Condition, { kind: 'string' }>;

/**
 * Strings (http://hl7.org/fhir/R4/search.html#string): folded, or `exact` as they are written. Of long strings, the
 * first STRING_CHARS_MAX characters count, except for `exact`.
 */
export function stringCondition(context: ConditionContext, condition: StringCondition): string {
  const { match } = condition;
  if (match === 'exact') return exactCondition(context, condition);
  const { index, type, parameters } = context;
  const wanted = condition.values
    .map((value) => index.stringPrefix(type, condition.parameter, value))
    .filter(({ params }) => params.length > 0);
  const params = wanted[0]?.params;
  if (!params) return 'false';
  const texts = wanted.map(({ prefix }) => prefix);
  return sideRow(context, 'strings', (row) => {
    const param = isKey(parameters, `${row}.param`, params);
    return `${param} AND ${textMatches(context, `${row}.value`, match, texts)}`;
  });
}

function exactCondition(context: ConditionContext, { parameter, values }: StringCondition): string {
  const { index, type, parameters } = context;
  const wanted = values.map((value) => index.stringExact(type, parameter, value));
  return sideRow(context, 'strings', (row) => {
    // A string as it is written has but one folded form, so that the two lists need not be matched pair by pair.
    const param = isKey(parameters, `${row}.param`, wanted[0]!.params);
    const folded = parameters.add([...new Set(wanted.map((one) => one.folded))]);
    const exact = isKey(parameters, `${row}.exact`, [...new Set(wanted.flatMap((one) => one.exact))]);
    return `${param} AND ${row}.value = ANY (${folded}::text[]) AND ${exact}`;
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
