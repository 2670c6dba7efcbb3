import { TARGET_CONNECTIONS, type BenchCase } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import type { BenchDatabase } from '../database/database.ts';
import { FLOORS, type FloorName } from '../floors/floors.ts';
import type { Job } from '../generator/job.ts';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import { startFloor } from '../processes/floorProcess.ts';
import { LOOPBACK, type Target } from '../processes/target.ts';
import type { CaseResult, SideResult } from '../report/result.ts';
import { median, pairedRatio, spread } from './statistics.ts';
import { measureWindow, type Window } from './window.ts';

/** Measured time of a trial, which warms up and chooses among a floor's variants. */
const TRIAL_MS = 2_000;

export interface RoundsSettings {
  plan: DataPlan;
  warmupMs: number;
  measureMs: number;
  rounds: number;
}

interface OneCase {
  bench: BenchCase;
  connections: number;
  settings: RoundsSettings;
  database: BenchDatabase;
}

/** Puts one window of load on server or floor. */
const measure = (one: OneCase, target: Target, isServer: boolean, measureMs: number): Promise<Window> => {
  const job: Job = {
    host: LOOPBACK,
    port: target.port,
    basePath: FHIR_BASE,
    caseName: one.bench.name,
    plan: one.settings.plan,
    // The clock: neither a second window nor a second run on the same data must send what was sent before.
    seed: Date.now() >>> 0,
    connections: one.connections,
    warmupMs: one.settings.warmupMs,
    measureMs,
    checkAnswers: isServer,
  };
  return measureWindow(one.database, target, job);
};

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

/**
 * The floor in its fastest variant at this number of connections (a slower one would flatter the server), warmed up by the
 * trial.
 */
const openFloor = async (one: OneCase, floor: FloorName): Promise<{ target: Target; variant: string }> => {
  const trials: { target: Target; variant: string; rate: number }[] = [];
  for (const variant of FLOORS[floor].variants) {
    const target = await startFloor(floor, variant, one.database.url);
    const { load } = await measure(one, target, false, TRIAL_MS);
    trials.push({ target, variant, rate: load.errors ? 0 : load.requestsPerSecond });
  }
  const [fastest, ...others] = trials.sort((a, b) => b.rate - a.rate);
  if (!fastest) throw new Error(`the floor ${floor} has no variant`);
  for (const other of others) await other.target.stop();
  return fastest;
};

const cpuOf = (side: SideResult): number => side.processCpuPer1000 + side.postgresCpuPer1000;

const errorsIn = (windows: readonly Window[]): { errors: number; firstError?: string } => {
  const firstError = windows.find((window) => window.load.firstError)?.load.firstError;
  const errors = windows.reduce((sum, window) => sum + window.load.errors, 0);
  return { errors, ...(firstError !== undefined && { firstError }) };
};

/** Measures a case at one number of connections: server, floor, server, floor, ... */
export const measureCase = async (one: OneCase, server: Target): Promise<CaseResult> => {
  const { bench, connections, settings } = one;
  const head = { name: bench.name, title: bench.title, connections };
  const serverWindows: Window[] = [];
  const floorWindows: Window[] = [];
  // So that none comes in a measured window. Not before each window: the first write to a page after a checkpoint logs the
  // whole page, which in windows of seconds would be most of the log, and is little of it in the minutes between checkpoints.
  if (bench.writes) await one.database.client.query('CHECKPOINT');
  const floor = bench.floor && (await openFloor(one, bench.floor));
  // What the floor got by its trial: compiled code, open connections, prepared statements.
  await measure(one, server, true, TRIAL_MS);
  for (let round = 0; round < settings.rounds; round += 1) {
    serverWindows.push(await measure(one, server, true, settings.measureMs));
    if (floor) floorWindows.push(await measure(one, floor.target, false, settings.measureMs));
  }
  await floor?.target.stop();
  const result: CaseResult = {
    ...head,
    server: summarize(serverWindows),
    ...errorsIn([...serverWindows, ...floorWindows]),
  };
  if (!floor) return result;
  const floorResult = { ...summarize(floorWindows), variant: floor.variant };
  const cpuRatio = cpuOf(floorResult) / cpuOf(result.server);
  const ratio = pairedRatio(result.server.rounds, floorResult.rounds);
  const target = connections === TARGET_CONNECTIONS ? bench.target : undefined;
  return { ...result, floor: floorResult, ratio, cpuRatio, ...(target !== undefined && { target }) };
};
