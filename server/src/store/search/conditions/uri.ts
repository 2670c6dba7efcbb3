import type { Condition } from '../../../fhir/search/ast.ts';
import { contentUris } from '../content/contentValues.ts';
import { rawString } from '../../index/fold.ts';
import type { ConditionContext } from './context.ts';
import { isKey, sideRow } from './expressions.ts';
import { textMatches } from './string.ts';

type UriCondition = Extract<Condition, { kind: 'uri' }>;

const MATCHES = {
  below: 'starts-with',
  'starts-with': 'starts-with',
  contains: 'contains',
  'ends-with': 'ends-with',
} as const;

/**
 * Part of a URI, as it is written (http://hl7.org/fhir/R4/search.html#uri); `exact` and `above` are keys (keyTerms). Where
 * there are no string rows (elements of `meta`), the content is read.
 */
export function uriCondition(context: ConditionContext, { parameter, match, uris }: UriCondition): string {
  const { index, type, parameters } = context;
  if (match === 'exact' || match === 'above') throw new Error(`a URI's ${match} is a matter of keys`);
  const texts = uris.map(rawString);
  const { params } = index.uriPrefix(type, parameter, '');
  if (params.length === index.plan(type, parameter)!.slots.length) {
    return sideRow(context, 'strings', (row) => {
      const param = isKey(parameters, `${row}.param`, params);
      return `${param} AND ${textMatches(context, `${row}.value`, MATCHES[match], texts)}`;
    });
  }
  const values = contentUris(context, parameter);
  if (!values) throw new Error(`The URIs of ${parameter.code} of ${type} cannot be read from the content`);
  return `EXISTS (SELECT FROM (${values.sql}) v WHERE ${textMatches(context, 'v.value', MATCHES[match], texts)})`;
}
