import type { BenchCase, BenchRequest } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import type { BenchDatabase } from '../database/database.ts';
import { addresseeOf } from '../generator/addressee.ts';
import type { Job } from '../generator/job.ts';
import type { Target } from '../processes/target.ts';
import { measureWindow, type Window } from './window.ts';

/** One of the two that are measured in turn: a server or a floor, and what is asked of it. */
export interface Side {
  target: Target;
  bench: BenchCase;
  plan: DataPlan;
  /** Where the load generator cannot make them itself. */
  requests?: readonly BenchRequest[];
  /** Whether answers are looked into during warm-up (a floor's may be empty). */
  checkAnswers: boolean;
}

/** How load is put on a side. */
export interface Load {
  database: BenchDatabase;
  connections: number;
  warmupMs: number;
  measureMs: number;
}

/** Puts one window of load on a side. */
export const measureSide = (side: Side, load: Load): Promise<Window> => {
  const { target, bench, plan, requests, checkAnswers } = side;
  const { database, connections, warmupMs, measureMs } = load;
  const job: Job = {
    ...addresseeOf(target),
    caseName: bench.name,
    plan,
    ...(requests && { requests }),
    // The clock: neither a second window nor a second run on the same data must send what was sent before.
    seed: Date.now() >>> 0,
    connections,
    warmupMs,
    measureMs,
    checkAnswers,
  };
  return measureWindow(database, target, job);
};

/** Both sides in turn, so many rounds. */
export const measureInTurn = async (
  sides: readonly [Side, Side?],
  load: Load,
  rounds: number,
): Promise<[Window[], Window[]]> => {
  const windows: [Window[], Window[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, side] of sides.entries()) {
      if (side) windows[at as 0 | 1].push(await measureSide(side, load));
    }
  }
  return windows;
};
