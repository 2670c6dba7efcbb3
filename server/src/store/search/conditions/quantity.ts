import type { Condition, QuantityComparison } from '../../../fhir/search/ast.ts';
import type { QuantityTerm, QuantityValue } from '../../index/query.ts';
import { numberTest } from '../../index/spanTest.ts';
import type { ConditionContext } from './context.ts';
import { allOf, anyKey, anyOf } from './expressions.ts';
import { rangeRow } from './rangeRow.ts';

/**
 * Quantities (http://hl7.org/fhir/R4/search.html#quantity): UCUM units are compared in base units; without a unit, values
 * are compared as they are written.
 */
export function quantityCondition(
  context: ConditionContext,
  { parameter, quantities }: Extract<Condition, { kind: 'quantity' }>,
): string {
  const { index, type } = context;
  const terms = quantities.flatMap((quantity) =>
    index.quantityTerms(type, parameter, quantityValue(quantity)),
  );
  return anyOf(grouped(terms).map((group) => termsSql(context, group)));
}

/** Terms on the same rows together. */
function grouped(terms: readonly QuantityTerm[]): QuantityTerm[][] {
  const groups = new Map<string, QuantityTerm[]>();
  for (const term of terms) {
    const name = [term.params, term.unit, term.alsoKeys].map(String).join(' ');
    const group = groups.get(name);
    if (group) group.push(term);
    else groups.set(name, [term]);
  }
  return [...groups.values()];
}

/** A quantity that is asked for, as the index takes it. */
export function quantityValue({ system, code, ...comparison }: QuantityComparison): QuantityValue {
  const value: QuantityValue = { test: numberTest(comparison) };
  if (system !== undefined) value.system = system;
  if (code !== undefined) value.code = code;
  return value;
}

/** SQL for terms that differ only by their tests. */
export function termsSql(context: ConditionContext, terms: readonly QuantityTerm[]): string {
  const { params, unit, alsoKeys } = terms[0]!;
  const also = alsoKeys ? [anyKey(context, alsoKeys)] : [];
  return allOf([
    ...also,
    rangeRow(
      context,
      params,
      unit ?? 'any',
      terms.map((term) => term.test),
    ),
  ]);
}
