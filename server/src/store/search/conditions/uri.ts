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
  const { slots } = index.plan(type, parameter)!;
  const hasVersions = slots.some(
    ({ slot }) => slot.resolved?.some((path) => path.type === 'canonical') ?? true,
  );
  const separators = hasVersions ? ['/', '|'] : ['/'];
  const matches = (column: string) => uriMatches(context, column, match, uris.map(rawString), separators);
  const { params } = index.uriPrefix(type, parameter, '');
  if (params.length === slots.length) {
    return sideRow(context, 'strings', (row) => {
      const param = isKey(parameters, `${row}.param`, params);
      return `${param} AND ${matches(`${row}.value`)}`;
    });
  }
  const values = contentUris(context, parameter);
  if (!values) throw new Error(`The URIs of ${parameter.code} of ${type} cannot be read from the content`);
  return `EXISTS (SELECT FROM (${values.sql}) v WHERE ${matches('v.value')})`;
}

/** Below a URL is itself, and what goes on after it with a further segment or, of a canonical, its version (search.html#versions). */
function uriMatches(
  context: ConditionContext,
  column: string,
  match: Exclude<UriMatch, 'exact' | 'above'>,
  uris: readonly string[],
  separators: readonly string[],
): string {
  if (match !== 'below') return textMatches(context, column, match, uris);
  const starts = uris.flatMap((uri) => (uri.endsWith('/') ? [uri] : separators.map((next) => uri + next)));
  return anyOf([
    textMatches(context, column, 'equals', uris),
    textMatches(context, column, 'starts-with', starts),
  ]);
}
