import { walPosition, type BenchDatabase } from '../database/database.ts';
import type { Job, LoadResult } from '../generator/job.ts';
import { runGenerator } from '../processes/generatorProcess.ts';
import type { Target } from '../processes/target.ts';
import { cpuOfTreeMs, machineBusyMs, peakMemoryBytes, resetPeakMemory } from './proc.ts';

/** One window of load on one process. */
export interface Window {
  load: LoadResult;
  processCpuMs: number;
  postgresCpuMs: number;
  /** Processors that were busy with neither target, PostgreSQL nor load generator: what disturbed the measurement. */
  othersCores: number;
  /** Write-ahead log written in the measured time. */
  walBytes: number;
  peakMemoryBytes: number;
}

/** Puts the job's load on the target and measures what it costs. */
export const measureWindow = async (database: BenchDatabase, target: Target, job: Job): Promise<Window> => {
  resetPeakMemory(target.pid);
  const cpuNow = () => ({
    process: cpuOfTreeMs(target.pid),
    postgres: cpuOfTreeMs(database.pid),
    machine: machineBusyMs(),
  });
  let before = { process: NaN, postgres: NaN, machine: NaN };
  let after = before;
  let walBefore: Promise<number> = Promise.resolve(NaN);
  let walAfter = walBefore;
  const load = await runGenerator(job, (kind) => {
    if (kind === 'begin') {
      before = cpuNow();
      walBefore = walPosition(database.client);
    } else {
      after = cpuNow();
      walAfter = walPosition(database.client);
    }
  });
  const processCpuMs = after.process - before.process;
  const postgresCpuMs = after.postgres - before.postgres;
  const othersMs = after.machine - before.machine - processCpuMs - postgresCpuMs - load.generatorCpuMs;
  return {
    load,
    processCpuMs,
    postgresCpuMs,
    othersCores: Math.max(0, othersMs / load.elapsedMs),
    walBytes: (await walAfter) - (await walBefore),
    peakMemoryBytes: peakMemoryBytes(target.pid),
  };
};
