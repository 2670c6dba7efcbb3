import type { Definitions } from '../fhir/definitions/types.ts';
import type { PathModel } from '../fhir/path/evaluate/run.ts';
import type { SearchSupport } from '../fhir/search/contract.ts';
import type { IndexQuery } from '../store/index/query.ts';
import type { Indexer } from '../store/index/rows.ts';

/** What policies are compiled with: made once for a store, anew when its search parameters change. */
export interface AccessContext {
  definitions: Definitions;
  /** The store's searcher. */
  support: Pick<SearchSupport, 'supports' | 'sorts'>;
  /** Of the same definitions and secret: what a resource is found by, and how it is asked for. */
  index: IndexQuery;
  indexer: Indexer;
  /** What write constraints are compiled with. */
  paths: PathModel;
}
