import type { Condition, UriMatch } from '../../../fhir/search/ast.ts';
import { contentUris } from '../content/contentValues.ts';
import { rawString } from '../../index/fold.ts';
import type { ConditionContext } from './context.ts';
import { anyOf, isKey, sideRow } from './expressions.ts';
import { textMatches } from './string.ts';

type UriCondition = Extract<Condition, { kind: 'uri' }>;

/**
 * Part of a URI, as it is written (http://hl7.org/fhir/R4/search.html#uri); `exact` and `above` are keys (keyTerms). Where
 * there are no string rows (elements of `meta`), the content is read.
 */
export function uriCondition(context: ConditionContext, { parameter, match, uris }: UriCondition): string {
  const { index, type, parameters } = context;
  if (match === 'exact' || match === 'above') throw new Error(`a URI's ${match} is a matter of keys`);
  const matches = (column: string) => uriMatches(context, column, match, uris.map(rawString));
  const { params } = index.uriPrefix(type, parameter, '');
  if (params.length === index.plan(type, parameter)!.slots.length) {
    return sideRow(context, 'strings', (row) => {
      const param = isKey(parameters, `${row}.param`, params);
      return `${param} AND ${matches(`${row}.value`)}`;
    });
  }
  const values = contentUris(context, parameter);
  if (!values) throw new Error(`The URIs of ${parameter.code} of ${type} cannot be read from the content`);
  return `EXISTS (SELECT FROM (${values.sql}) v WHERE ${matches('v.value')})`;
}

/** Below a URL is itself, and what goes on after it with a further segment. */
function uriMatches(
  context: ConditionContext,
  column: string,
  match: Exclude<UriMatch, 'exact' | 'above'>,
  uris: readonly string[],
): string {
  if (match !== 'below') return textMatches(context, column, match, uris);
  const folders = uris.map((uri) => (uri.endsWith('/') ? uri : `${uri}/`));
  return anyOf([
    textMatches(context, column, 'equals', uris),
    textMatches(context, column, 'starts-with', folders),
  ]);
}
