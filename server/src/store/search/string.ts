import type { Criterion } from '../../fhir/search/ast.ts';
import { unescapeValue } from '../../fhir/search/split.ts';
import type { ConditionContext } from './context.ts';

/** Begins with the value, folded, or `:exact` (http://hl7.org/fhir/R4/search.html#string) */
export function stringCondition(context: ConditionContext, criterion: Criterion): string {
  const values = criterion.values.map(unescapeValue);
  const { type, index, parameters } = context;
  if (criterion.modifier === 'exact') {
    return rowsWhere(
      context,
      values.map((value) => {
        const { params, folded, exact } = index.stringExact(type, criterion.parameter, value);
        return `(s.param = ANY (${parameters.add(params)}::bigint[]) AND s.value = ${parameters.add(folded)} AND s.exact = ANY (${parameters.add(exact)}::bigint[]))`;
      }),
    );
  }
  const alternatives = values.map((value) => {
    const { params, prefix } = index.stringPrefix(type, criterion.parameter, value);
    return `(s.param = ANY (${parameters.add(params)}::bigint[]) AND s.value LIKE ${parameters.add(likePrefix(prefix))})`;
  });
  return rowsWhere(context, alternatives);
}

function rowsWhere({ tables }: ConditionContext, alternatives: readonly string[]): string {
  return `m.rid IN (SELECT s.rid FROM ${tables.strings} s WHERE ${alternatives.join(' OR ')})`;
}

/** A LIKE pattern for texts that begin with `prefix`; with collation "C" the planner makes an index range of it. */
function likePrefix(prefix: string): string {
  return `${prefix.replace(/[\\%_]/g, '\\$&')}%`;
}
