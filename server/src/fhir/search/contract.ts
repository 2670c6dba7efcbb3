import type { Definitions, SearchParameterDefinition } from '../definitions/types.ts';
import type { Issue } from '../outcome.ts';
import type { SearchQuery } from './ast.ts';
import type { TestBudget } from './budget.ts';

/** `strict`: what cannot be used is an error; `lenient`: it is left out, with a warning. */
export type SearchHandling = 'strict' | 'lenient';

/** Where a search looks (http://hl7.org/fhir/R4/search.html#searchcontexts). */
export interface SearchScope {
  level: 'type' | 'system';
  /** The one type; at system level those that may be searched (usually all), which `_type` narrows. */
  types: readonly string[];
  /** Only what is in the compartment of this resource. */
  compartment?: { type: string; id: string };
}

/** What can be searched and sorted by today: implemented by the store. */
export interface SearchSupport {
  /**
   * Whether the parameter can be searched by.
   *
   * @param modifier without its colon; absent also for `:[type]`, chains, `_has` and the parts of `_filter` that
   *   no modifier says. `_id`, `_lastUpdated`, `_text`, `_content` and `_list` are not asked for: all types have them
   */
  supports(type: string, parameter: SearchParameterDefinition, modifier: string | undefined): boolean;
  /** Whether results can be ordered by the parameter. `_id`, `_lastUpdated` and `_score` are not asked for. */
  sorts(type: string, parameter: SearchParameterDefinition): boolean;
}

/** A parsed search and, with lenient handling, what was left out of it. */
export interface ParsedSearch {
  query: SearchQuery;
  /** Pairs of the query that were used, in order: the `self` link. Without `_page`, `_format` and `_pretty`. */
  used: [string, string][];
  /** Warnings, one for each pair that was left out. */
  ignored: Issue[];
}

/** What the parts of the parser need to know. */
export interface SearchContext {
  definitions: Definitions;
  support: SearchSupport;
  budget: TestBudget;
}
