import type { DataPlan } from '../data/plan.ts';
import type { Random } from '../data/random.ts';
import type { FloorName } from '../floors/floors.ts';

/** One request, as the load generator is to send it. */
export interface BenchRequest {
  method: 'GET' | 'POST' | 'PUT';
  /** Path and query below the FHIR base, beginning with a slash. */
  path: string;
  body?: string;
  /** Text that the server's answer must contain; looked for during warm-up, so that a fast wrong answer is no result. */
  answer: string;
}

/** What is measured. A file of its own in this folder, listed in all.ts. */
export interface BenchCase {
  /** As `--only` names it. */
  name: string;
  title: string;
  /** The floor it is held against; without one the case is informative. */
  floor?: FloorName;
  /** Requests/s of the server / requests/s of the floor that are to be reached at TARGET_CONNECTIONS. */
  target?: number;
  /** Whether it changes data: a checkpoint is then made before it. */
  writes: boolean;
  /** Prepared before measuring and sent round and round, in this order, by each connection from a place of its own. */
  makeRequests(plan: DataPlan, random: Random): BenchRequest[];
}

/** The number of connections that targets are given for. */
export const TARGET_CONNECTIONS = 16;
