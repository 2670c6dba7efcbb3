import type { Pair } from './parameter.ts';
import { COUNT_ALL } from './results.ts';

/** A search to ask the server and the evaluator. */
export interface Query {
  /** `Patient`, `Patient/1/Observation`, `Patient/1/*` or nothing for the system. */
  path: string;
  /** What is asked, without the size of a page. */
  pairs: readonly Pair[];
  /** The same with the size of a page, percent-encoded, as sent. */
  query: string;
  /** By POST to `_search`. */
  post: boolean;
  /** Page size where the pages are to be walked through; 0 where only the number of matches is asked for. */
  pageSize?: number;
  /** Whether the `self` link is to be followed: it must ask the same again. */
  asksSelf?: boolean;
  /** What is wrong with it. */
  wrong?: Wrong;
}

/** Where a search looks, and what for. */
export interface Asked {
  path: string;
  pairs: Pair[];
}

/** What makes a search wrong. */
export interface Wrong {
  pair: Pair;
  /** Whether the server is asked to be lenient (http.html#search): then it may leave out what it cannot use. */
  isLenient: boolean;
  /** Whether the pair is well written but unknown: what is written wrongly is an error however lenient the server is. */
  canBeLeftOut: boolean;
}

/** How a search says how much it wants. @param summary whether the number alone is asked for by `_summary=count` */
export function sizePair(pageSize: number | undefined, summary = false): Pair {
  return pageSize === 0 && summary ? ['_summary', 'count'] : ['_count', String(pageSize ?? COUNT_ALL)];
}
