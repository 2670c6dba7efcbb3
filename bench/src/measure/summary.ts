import type { CaseResult, SideResult } from '../report/caseResult.ts';
import { median, pairedRatio, spread } from './statistics.ts';
import type { Window } from './window.ts';

/** Medians of what was measured in all rounds. */
export const summarize = (windows: readonly Window[]): SideResult => {
  const of = (value: (window: Window) => number): number => median(windows.map(value));
  const rates = windows.map((window) => window.load.requestsPerSecond);
  // Milliseconds a request are seconds for 1,000.
  return {
    requestsPerSecond: median(rates),
    spread: spread(rates),
    p50Ms: of((window) => window.load.p50Ms),
    p99Ms: of((window) => window.load.p99Ms),
    processCpuPer1000: of((window) => window.processCpuMs / window.load.requests),
    postgresCpuPer1000: of((window) => window.postgresCpuMs / window.load.requests),
    walBytesPerRequest: of((window) => window.walBytes / window.load.requests),
    peakMemoryBytes: Math.max(...windows.map((window) => window.peakMemoryBytes)),
    othersCores: of((window) => window.othersCores),
    rounds: rates,
  };
};

const cpuOf = (side: SideResult): number => side.processCpuPer1000 + side.postgresCpuPer1000;

/** A server held against what was measured in turn with it. */
export const ratiosOf = (
  server: SideResult,
  floor: SideResult,
): Required<Pick<CaseResult, 'ratio' | 'cpuRatio'>> => ({
  ratio: pairedRatio(server.rounds, floor.rounds),
  cpuRatio: cpuOf(floor) / cpuOf(server),
});

export interface Errors {
  errors: number;
  firstError?: string;
}

/** All errors of the windows, and the first of those that were found otherwise or in them. */
export const errorsIn = (windows: readonly Window[], found: readonly string[] = []): Errors => {
  const firstError = found[0] ?? windows.find((window) => window.load.firstError)?.load.firstError;
  const errors = windows.reduce((sum, window) => sum + window.load.errors, found.length);
  return { errors, ...(firstError !== undefined && { firstError }) };
};
