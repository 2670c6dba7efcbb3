import type { Condition } from '../../../fhir/search/ast.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { fullTextScore } from '../conditions/fullText.ts';

/** SQL of how well a row matches the full-text conditions that must all hold; 0 where there is none. */
export function scoreSql(context: ConditionContext, conditions: readonly Condition[]): string {
  const scores = fullTexts(conditions).map((condition) => fullTextScore(context, condition));
  return scores.length === 0 ? '0::float8' : `(${scores.join(' + ')})::float8`;
}

type FullText = Condition & { kind: 'full-text' };

function fullTexts(conditions: readonly Condition[]): FullText[] {
  return conditions.flatMap((condition) => {
    if (condition.kind === 'and') return fullTexts(condition.conditions);
    return condition.kind === 'full-text' ? [condition] : [];
  });
}
