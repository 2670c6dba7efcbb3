import type { SearchParameterDefinition } from '../../fhir/definitions/types.ts';

/** What became of a SearchParameter resource: a row of the table `search_parameter`. */
export interface AddedParameter {
  /** Of the resource. */
  id: string;
  rid: string;
  version: number;
  /** What it defines; absent where it cannot be read as a search parameter. */
  definition?: SearchParameterDefinition;
  /** Why it is not used: a sentence that tells what to change. */
  fault?: string;
  /** Concrete resource types that it is used on. */
  types: string[];
  /** Revision of the index plan since which its rows are written; absent: it is not used. */
  revision?: number;
  /** What its rows depend on: with another print it is another parameter. */
  print?: string;
  /** Whether every resource has its rows, so that it can be searched by. */
  ready: boolean;
}

/** A SearchParameter resource as it stands in the store. */
export interface StoredParameter {
  id: string;
  rid: string;
  version: number;
  definition?: SearchParameterDefinition;
  fault?: string;
}
