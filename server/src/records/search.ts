import type { StoredVersion } from '../store/resource/types.ts';

/** A resource that a search found: its current version, and where the search ranks (`_text`, `_content`), its score. */
export type FoundResource = StoredVersion & { type: string; score?: number };

/** One page of a search. */
export interface SearchResult {
  matches: readonly FoundResource[];
  /** What `_include` and `_revinclude` bring along, each resource once and none that is a match of this page. */
  included: readonly FoundResource[];
  /** True when more would have been included than fits. */
  includesCut: boolean;
  /** Number of matches over all pages, where it is known. */
  total?: number;
  /** Sealed positions of the page after and the page before; absent where there is none. */
  next?: string;
  previous?: string;
  /** How the search was understood and run, where that was asked for. */
  explanation?: unknown;
}
