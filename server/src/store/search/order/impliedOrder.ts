import type { Condition, SearchQuery, SortKey, TypeSearch } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import { MAIN_DATE } from '../../index/mainDate.ts';
import { beginningsOf } from '../conditions/beginnings.ts';
import { ownersOf } from '../conditions/owners.ts';
import { isPatientColumn } from '../conditions/patientColumn.ts';

/**
 * A search of one type that asks for no order gets one in which its matches can be met one after the other: what happened
 * to a patient, what is coded so and what is of a time come newest first, what happened to patients of some kind patient by patient and
 * newest first of each, what has a text that begins so in the order of these texts, everything else in the order in which it was made. It depends on nothing but the search, so that all its
 * pages are in the same order. With what is contained, which comes by its containers' age, the others do, too.
 */
export function inImpliedOrder(index: IndexQuery, query: SearchQuery): SearchQuery {
  const [search] = query.searches;
  const isAsked = search === undefined || search.sort.length > 0;
  if (isAsked || query.searches.length > 1 || query.contained !== 'false') return query;
  const sort = byDate(index, search) ?? byPatient(index, search) ?? byBeginning(index, search);
  return sort === undefined ? query : { ...query, searches: [{ ...search, sort }] };
}

function byDate(index: IndexQuery, search: TypeSearch): SortKey[] | undefined {
  const date = MAIN_DATE[search.type];
  const parameter = date === undefined ? undefined : index.plan(search.type, date)?.definition;
  return parameter && isMetByDate(index, search)
    ? [{ by: 'parameter', parameter, descending: true }]
    : undefined;
}

/** Where a chain leads to patients that an index finds. */
function byPatient(index: IndexQuery, { type, conditions }: TypeSearch): SortKey[] | undefined {
  return conditions.some((condition) => leadsToOwners(index, type, condition))
    ? [
        { by: 'patient', descending: false },
        { by: 'main-date', descending: true },
      ]
    : undefined;
}

const leadsToOwners = (index: IndexQuery, type: string, condition: Condition): boolean =>
  condition.kind === 'and'
    ? condition.conditions.some((one) => leadsToOwners(index, type, one))
    : ownersOf(index, type, condition) !== undefined;

/** Of several conditions on texts, that which says most of them: few have it. */
function byBeginning(index: IndexQuery, { type, conditions }: TypeSearch): SortKey[] | undefined {
  const asked = conditions.filter(
    (one): one is Condition & { kind: 'string' } =>
      one.kind === 'string' && beginningsOf(index, type, one) !== undefined,
  );
  const length = ({ values }: { values: readonly string[] }) =>
    Math.min(...values.map((value) => value.length));
  const [first, ...others] = asked;
  if (first === undefined) return undefined;
  const { parameter, values } = others.reduce(
    (best, one) => (length(one) > length(best) ? one : best),
    first,
  );
  return [{ by: 'beginning', parameter, values, descending: false }];
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
      return (
        ownersOf(index, type, condition) === undefined &&
        condition.targets.every(
          ({ type: target }) => target === 'Patient' && isPatientColumn(index, type, condition.parameter),
        )
      );
    case 'token':
      return index.orderedKeys(type, condition.parameter, condition.tokens[0]!) !== undefined;
    case 'date':
      return index.isMainDate(type, condition.parameter);
    default:
      return false;
  }
}
