import type { BenchRequest } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import type { Addressee } from './addressee.ts';

/** What the load generator is told to do. */
export interface Job extends Addressee {
  caseName: string;
  plan: DataPlan;
  /** To be sent instead of those that the case makes. */
  requests?: readonly BenchRequest[];
  /** Another number makes other requests of the same case. */
  seed: number;
  connections: number;
  warmupMs: number;
  measureMs: number;
  /** Whether answers are looked into during warm-up (a floor's may be empty). */
  checkAnswers: boolean;
}

/** What one window of load came to. */
export interface LoadResult {
  requests: number;
  elapsedMs: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Answers other than 2xx, wrong answers and broken connections, warm-up included: with any the result is invalid. */
  errors: number;
  firstError: string | undefined;
  /** Processor time of the load generator itself in the measured window. */
  generatorCpuMs: number;
}

/** From the load generator to the benchmark: the measured window begins, ends, and its result. */
export type JobMessage = { kind: 'begin' } | { kind: 'end' } | { kind: 'result'; result: LoadResult };
