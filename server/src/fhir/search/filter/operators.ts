import type { SearchParameterType } from '../../definitions/types.ts';
import { listed, refused } from '../faults.ts';

/** All operators of the specification (http://hl7.org/fhir/R4/search_filter.html#ops). */
export const OPERATORS = [
  ...['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  ...['po', 'ss', 'sb', 'in', 'ni', 're'],
];

const COMPARISONS = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'];

/** Those that are served, by type of parameter. */
export const SERVED: Readonly<Record<SearchParameterType, readonly string[]>> = {
  string: ['eq', 'ne', 'co', 'sw', 'ew', 'pr'],
  uri: ['eq', 'ne', 'co', 'sw', 'ew', 'pr'],
  token: ['eq', 'ne', 'co', 'sw', 'pr'],
  reference: ['re', 'eq', 'ne', 'pr'],
  date: COMPARISONS,
  number: COMPARISONS,
  quantity: COMPARISONS,
  composite: ['eq'],
  special: ['eq'],
};

const TERMINOLOGY = ['ss', 'sb', 'in', 'ni'];

/** @throws SearchFault unless the operator is served on a parameter, which `what` names */
export function requireOperator(operator: string, served: readonly string[], what: string): void {
  if (served.includes(operator)) return;
  const why = TERMINOLOGY.includes(operator)
    ? 'needs terminology, which a filter does not ask (write :in, :not-in, :above or :below beside it)'
    : 'is not served here';
  throw refused(`the operator '${operator}' ${why}: ${what} takes ${listed(served)}.`);
}
