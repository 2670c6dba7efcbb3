import type { SearchParameterDefinition } from '../definitions/types.ts';

/** One `name[:modifier]=value,value` of a query: true for a resource that matches any of the values. */
export interface Criterion {
  parameter: SearchParameterDefinition;
  modifier?: string;
  /** Unescaped only at the commas: `\$` and `\|` are still as the client wrote them. */
  values: string[];
}

/** A search as understood; all criteria must hold. */
export interface SearchQuery {
  type: string;
  criteria: Criterion[];
  /** Most matches in a page. */
  count: number;
  /** Sealed position of the page to return. */
  page?: string;
}
