import type { Condition, SearchQuery, TypeSearch } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import { MAIN_DATE } from '../../index/mainDate.ts';
import { isPatientColumn } from '../conditions/patientColumn.ts';

/**
 * A search of one type that asks for no order gets one in which its matches can be met one after the other: what happened
 * to a patient or to patients of some kind, what is coded so and what is of a time come newest first, everything else in the order in which it was
 * made. It depends on nothing but the search, so that all its pages are in the same order.
 */
export function inImpliedOrder(index: IndexQuery, query: SearchQuery): SearchQuery {
  const [search] = query.searches;
  if (!search || query.searches.length > 1 || search.sort.length > 0) return query;
  const date = MAIN_DATE[search.type];
  const parameter = date === undefined ? undefined : index.plan(search.type, date)?.definition;
  if (!parameter || !isMetByDate(index, search)) return query;
  return { ...query, searches: [{ ...search, sort: [{ by: 'parameter', parameter, descending: true }] }] };
}

const isMetByDate = (index: IndexQuery, { type, conditions }: TypeSearch): boolean =>
  conditions.some((condition) => leadsToDates(index, type, condition));

/** Whether what satisfies the condition stands in an index in the order of its dates. */
function leadsToDates(index: IndexQuery, type: string, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.conditions.some((one) => leadsToDates(index, type, one));
    case 'reference':
      return condition.references.length === 1 && isPatientColumn(index, type, condition.parameter);
    case 'chain':
      return condition.targets.every(
        ({ type: target }) => target === 'Patient' && isPatientColumn(index, type, condition.parameter),
      );
    case 'token':
      return index.orderedKeys(type, condition.parameter, condition.tokens[0]!) !== undefined;
    case 'date':
      return index.isMainDate(type, condition.parameter);
    default:
      return false;
  }
}
