import type { Condition } from '../../fhir/search/ast.ts';
import type { Key } from '../index/rows.ts';
import { contextOf, type ConditionContext } from './conditions/context.ts';
import { compositeTerms } from './conditions/composite.ts';
import { keyTerms } from './conditions/keyTerms.ts';
import { quantityValue } from './conditions/quantity.ts';
import type { IndexTerm } from '../index/query.ts';
import { numberTest } from '../index/spanTest.ts';
import type { Guessing, OnRanges } from './plan/fraction.ts';
import type { TypeStatistics } from './statistics/typeStatistics.ts';

type Shared = Omit<ConditionContext, 'type' | 'alias' | 'tables'>;

/** What plans are guessed from, for one statement: keys are hashed once for each condition. */
export function guessingFor(
  shared: Shared,
  statistics: (type: string) => TypeStatistics | undefined,
): Guessing {
  const { index } = shared;
  const contexts = new Map<string, { context: ConditionContext; keys: Map<Condition, Key[] | undefined> }>();
  const contextFor = (type: string) => contextOf(shared, type, 'm');
  const terms = (type: string, condition: OnRanges): readonly IndexTerm[] => {
    if (condition.kind === 'composite') return compositeTerms(contextFor(type), condition);
    if (condition.kind === 'quantity')
      return condition.quantities.flatMap((quantity) =>
        index
          .quantityTerms(type, condition.parameter, quantityValue(quantity))
          .map((term): IndexTerm => ({ kind: 'range', ...term })),
      );
    const params = index.rangeParams(type, condition.parameter);
    return condition.comparisons.map((one): IndexTerm => ({ kind: 'range', params, test: numberTest(one) }));
  };
  return {
    statistics,
    terms,
    isMainDate: (type, parameter) => index.isMainDate(type, parameter),
    keys: (type, condition) => {
      let of = contexts.get(type);
      if (!of) contexts.set(type, (of = { context: contextFor(type), keys: new Map() }));
      if (!of.keys.has(condition)) of.keys.set(condition, keyTerms(of.context, condition));
      return of.keys.get(condition);
    },
  };
}
