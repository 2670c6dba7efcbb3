/** A resource that satisfies a search, in its current version. */
export interface FoundResource {
  type: string;
  id: string;
  /** The JSON text, exactly as it is returned to clients. */
  content: string;
  /** How well it matches a full-text search: greater is better. Only where the search is ordered by it. */
  score?: number;
  /** It stands in this resource (`_contained`): then `id` may be empty. */
  containedIn?: { type: string; id: string };
}

/**
 * Where a page begins: plain JSON. A page position names a row by its place in the order, so nothing that others write
 * meanwhile moves it.
 */
export interface PagePosition {
  /** The row's value of each sort key, as PostgreSQL writes it: exact. null: it has none. */
  values: (string | null)[];
  /** Its type, in a search of several types or of what is contained. */
  type?: string;
  rid: string;
  /** Among matches that are contained: the row is of a container, and this the place in it (0 where containers are returned). */
  inside?: number;
  /** The page ends before the row, instead of beginning after it. */
  backwards: boolean;
  /** The row itself is in the page. */
  inclusive?: true;
}

export interface FoundPage {
  /** In the order that was asked for. */
  matches: FoundResource[];
  /** Number of all matches; absent where it was not asked for and is not known anyway. */
  total?: number;
  /** Absent where nothing follows (precedes). */
  next?: PagePosition;
  previous?: PagePosition;
  /** How the search was carried out; only where it was asked for. */
  explanation?: unknown;
}
