import type { Condition } from '../../../fhir/search/ast.ts';
import { foldString } from '../../index/fold.ts';
import { foldSql } from '../content/foldSql.ts';
import { tokenTexts } from '../content/tokenTexts.ts';
import type { ConditionContext } from './context.ts';
import { anyOf } from './expressions.ts';

/**
 * `:text` of tokens (http://hl7.org/fhir/R4/search.html#token): the text or a display of the concept, or the text of an
 * identifier's type, is read from the content and compared as strings are.
 */
export function tokenTextCondition(
  context: ConditionContext,
  { parameter, match, texts }: Extract<Condition, { kind: 'token-text' }>,
): string {
  const { parameters } = context;
  const values = tokenTexts(context, parameter);
  if (!values)
    throw new Error(`The texts of ${parameter.code} of ${context.type} cannot be read from the content`);
  // Where folding leaves nothing, nothing is asked for: every text would begin with it.
  const wanted = [...new Set(texts.map(foldString))].filter((text) => text !== '');
  if (wanted.length === 0) return 'false';
  const folded = foldSql('v.value', parameters);
  const tests = wanted.map((text) => {
    const sought = `${parameters.add(text)}::text`;
    return match === 'contains' ? `strpos(f.value, ${sought}) > 0` : `starts_with(f.value, ${sought})`;
  });
  return `EXISTS (SELECT FROM (${values.sql}) v, LATERAL (SELECT ${folded} AS value OFFSET 0) f WHERE ${anyOf(tests)})`;
}
