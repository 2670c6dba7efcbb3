import type { Condition, PartValue } from '../../../fhir/search/ast.ts';
import type { IndexTerm, PartQuery } from '../../index/query.ts';
import { dateTest, numberTest } from '../../index/spanTest.ts';
import type { ConditionContext } from './context.ts';
import { mainDateCondition } from './date.ts';
import { allOf, anyKey, anyOf, isKey, looked, sideRow } from './expressions.ts';
import { quantityValue, termsSql } from './quantity.ts';
import { rangeColumns } from './rangeRow.ts';
import { spanSql } from './spanSql.ts';
import { textMatches } from './string.ts';

type CompositeCondition = Extract<Condition, { kind: 'composite' }>;

/** Composites (http://hl7.org/fhir/R4/search.html#composite): values that stand together satisfy the parts of one list. */
export function compositeCondition(context: ConditionContext, condition: CompositeCondition): string {
  return anyOf(compositeTerms(context, condition).map((term) => termSql(context, term)));
}

/** What the index is asked, for each list of parts. */
export function compositeTerms(
  context: Pick<ConditionContext, 'type' | 'index' | 'nowMs'>,
  { parameter, values }: CompositeCondition,
): IndexTerm[] {
  const { index, type, nowMs } = context;
  return values.map((parts) =>
    index.compositeTerm(
      type,
      parameter,
      parts.map((part) => partQuery(part, nowMs)),
    ),
  );
}

function partQuery(part: PartValue, nowMs: number): PartQuery {
  switch (part.kind) {
    case 'reference':
      return { kind: 'reference', ...part.reference };
    case 'number':
      return { kind: 'number', test: numberTest(part.comparison) };
    case 'date':
      return { kind: 'date', test: dateTest(part.comparison, nowMs) };
    case 'quantity':
      return { kind: 'quantity', quantity: quantityValue(part.quantity) };
    default:
      return part;
  }
}

function termSql(context: ConditionContext, term: IndexTerm): string {
  const { parameters } = context;
  switch (term.kind) {
    case 'all':
      return allOf(term.terms.map((part) => termSql(context, part)));
    case 'any':
      return anyOf(term.terms.map((part) => termSql(context, part)));
    case 'keys':
      return context.joins === 'probe' ? looked(anyKey(context, term.keys)) : anyKey(context, term.keys);
    case 'strings':
      if (term.params.length === 0) return 'false';
      return sideRow(context, 'strings', (row) => {
        const param = isKey(parameters, `${row}.param`, term.params);
        return `${param} AND ${textMatches(context, `${row}.value`, 'starts-with', [term.prefix])}`;
      });
    case 'range':
      return termsSql(context, [term]);
    case 'mainDate':
      return mainDateCondition(context, [term.test]);
    case 'pair':
      return sideRow(context, 'ranges', (row) => {
        const { lo, hi, bound } = rangeColumns(context, row);
        const first = spanSql({ lo, hi: lo, bound }, term.first);
        return `${isKey(parameters, `${row}.param`, term.params)} AND ${first} AND ${spanSql({ lo: hi, hi, bound }, term.second)}`;
      });
  }
}
