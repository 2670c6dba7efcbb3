import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../measure/statistics.ts';
import { Connection, type PreparedRequest } from './connection.ts';
import type { Job, LoadResult } from './job.ts';

/** How long answers that are still owed at the end are waited for. */
const DRAIN_MS = 30_000;

type Phase = 'warm-up' | 'measure' | 'over';

/** Puts the load of one job on its target; `onPhase` hears when the measured window begins and ends. */
export const drive = async (
  job: Job,
  requests: readonly PreparedRequest[],
  onPhase: (kind: 'begin' | 'end') => void,
): Promise<LoadResult> => {
  let phase = 'warm-up' as Phase;
  let errors = 0;
  let firstError: string | undefined;
  const latenciesMs: number[] = [];

  const connectionAt = (number: number): Connection => {
    let at = Math.floor((number * requests.length) / job.connections);
    return new Connection({
      host: job.host,
      port: job.port,
      next: () => {
        if (phase === 'over') return undefined;
        at = (at + 1) % requests.length;
        return requests[at];
      },
      checking: () => job.checkAnswers && phase === 'warm-up',
      answered: (elapsedMs) => {
        if (phase === 'measure') latenciesMs.push(elapsedMs);
      },
      failed: (what) => {
        errors += 1;
        firstError ??= what;
      },
    });
  };

  const running = Array.from({ length: job.connections }, (_, number) => connectionAt(number).run());
  await sleep(job.warmupMs);
  phase = 'measure';
  onPhase('begin');
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await sleep(job.measureMs);
  phase = 'over';
  const elapsedMs = performance.now() - startMs;
  const cpu = process.cpuUsage(cpuBefore);
  onPhase('end');
  const drained = Promise.all(running).then(() => true);
  if (!(await Promise.race([drained, sleep(DRAIN_MS, false, { ref: false })]))) {
    errors += 1;
    firstError ??= `answers still owed ${DRAIN_MS} ms after the end`;
  }
  const sorted = Float64Array.from(latenciesMs).sort();
  return {
    requests: sorted.length,
    elapsedMs,
    requestsPerSecond: (sorted.length * 1_000) / elapsedMs,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    maxMs: percentile(sorted, 100),
    errors,
    firstError,
    generatorCpuMs: (cpu.user + cpu.system) / 1_000,
  };
};
