import type { LeafName, Name } from '../name.ts';

/** A path to what is tested; a step may have a filter of its own: `subject[active eq true].name`. */
export type FilterName = Name<FilterExpression>;

/** `path operator value`. Positions count characters of the filter from 1. */
export interface FilterTest {
  kind: 'test';
  at: number;
  name: FilterName;
  operator: string;
  operatorAt: number;
  value: string;
  valueAt: number;
}

/** A filter as it is written (http://hl7.org/fhir/R4/search_filter.html). */
export type FilterExpression =
  { kind: 'and' | 'or'; parts: FilterExpression[] } | { kind: 'not'; inner: FilterExpression } | FilterTest;

export interface Filter {
  expression: FilterExpression;
  /** Each test by the end of its path. */
  tests: ReadonlyMap<LeafName, FilterTest>;
}
