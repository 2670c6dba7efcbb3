import type { BenchCaller } from '../callers/caller.ts';
import type { DataPlan } from '../data/plan.ts';
import type { Random } from '../data/random.ts';
import type { FloorName } from '../floors/floors.ts';

/** One request, as the load generator is to send it. */
export interface BenchRequest {
  method: 'GET' | 'POST' | 'PUT';
  /** Path and query below the interface's base, beginning with a slash. */
  path: string;
  /** Value of the header Accept; absent: that of FHIR's JSON. */
  accept?: string;
  body?: string;
  /** Text that the server's answer must contain; looked for during warm-up, so that a fast wrong answer is no result. */
  answer: string;
  /** Whose it is, of those of {@link BenchCase.callers}; absent: the administrator's. */
  caller?: string;
}

/**
 * In what the searchsets of server and floor must agree:
 * - `ids`: the same resources, in any order;
 * - `dates`: the same dates of observation, in the same order (which of two of the same moment comes first, is open);
 * - `count`: as many matches, as many included (which ones a page without an order shows, is open).
 */
export type Likeness = 'ids' | 'dates' | 'count';

/** What is measured. A file of its own in this folder, listed in all.ts. */
export interface BenchCase {
  /** As `--only` names it. */
  name: string;
  title: string;
  /** The floor it is held against; without floor and `against` the case is informative. */
  floor?: FloorName;
  /** Name of another case, which it is held against on the same server. */
  against?: string;
  /** Requests/s of the server / requests/s of what it is held against that are to be reached at TARGET_CONNECTIONS. */
  target?: number;
  /** Numbers of connections to measure at, where the command line does not say; absent: DEFAULT_CONNECTIONS. */
  connections?: readonly number[];
  /** In what its answers are compared with the floor's before measuring; absent: not at all. */
  likeness?: Likeness;
  /**
   * How many rows after the first page to ask: the pages that next links lead to there are sent in the requests' stead, of
   * which there is then one. Absent: the first page.
   */
  rowsDeep?(plan: DataPlan): number;
  /** Whether it changes data: a checkpoint is then made before it. */
  writes: boolean;
  /** Those who send requests besides the administrator: they sign in before the first case. */
  callers?(plan: DataPlan): readonly BenchCaller[];
  /** Prepared before measuring and sent round and round, in this order, by each connection from a place of its own. */
  makeRequests(plan: DataPlan, random: Random): BenchRequest[];
}

/** The number of connections that targets are given for. */
export const TARGET_CONNECTIONS = 16;

export const DEFAULT_CONNECTIONS: readonly number[] = [1, TARGET_CONNECTIONS, 64];
