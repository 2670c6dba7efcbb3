import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { signInCallers } from '../callers/signInCallers.ts';
import { TARGET_CONNECTIONS, type BenchCase } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import type { BenchDatabase } from '../database/database.ts';
import { addresseeOf } from '../generator/addressee.ts';
import { requestsFrom } from '../measure/requests.ts';
import { runGenerator } from '../processes/generatorProcess.ts';
import { startServer, type ServerOptions } from '../processes/serverProcess.ts';
import { table } from '../report/text.ts';
import { summarizeProfile, type CpuProfile, type HotSpot } from './cpuProfile.ts';
import { sampleWaits, type WaitCount } from './waits.ts';

const FUNCTIONS_SHOWN = 40;
const FILES_SHOWN = 25;
const WAITS_SHOWN = 15;

export interface ProfileSettings {
  plan: DataPlan;
  warmupMs: number;
  measureMs: number;
  /** Taken off file names. */
  root: string;
  /** Where the profile is written and read; emptied again. */
  workFolder: string;
}

const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n);

const hotSpotTable = (title: string, spots: readonly HotSpot[], requests: number): string =>
  table(
    [title, 'self us/request', 'total us/request'],
    spots.map((spot) => [
      spot.where,
      ((spot.selfMs * 1_000) / requests).toFixed(1),
      ((spot.totalMs * 1_000) / requests).toFixed(1),
    ]),
  );

const waitTable = (waits: readonly WaitCount[]): string => {
  const all = waits.reduce((sum, wait) => sum + wait.samples, 0);
  const rows = waits
    .slice(0, WAITS_SHOWN)
    .map((wait) => [`${wait.wait} in ${wait.query}`, `${((wait.samples * 100) / all).toFixed(1)} %`]);
  return table(['PostgreSQL backends, when active', 'samples'], rows);
};

const readProfile = (folder: string): CpuProfile => {
  const [name, ...others] = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
  if (!name || others.length)
    throw new Error(`one profile was expected, there are ${name ? others.length + 1 : 'none'}`);
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as CpuProfile;
};

/** Runs the server under V8's profiler with one case at TARGET_CONNECTIONS and tells, as text, where its time went. */
export const profileCase = async (
  bench: BenchCase,
  database: BenchDatabase,
  serverOptions: ServerOptions,
  settings: ProfileSettings,
): Promise<string> => {
  const folder = mkdtempSync(path.join(settings.workFolder, 'profile-'));
  try {
    const started = await startServer({
      ...serverOptions,
      nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500'],
    });
    const server = await signInCallers(started, [bench], settings.plan);
    const requests = await requestsFrom(bench, settings.plan, server);
    const timesUs = { begin: 0, end: 0 };
    const stopSampling = sampleWaits(database.client);
    const load = await runGenerator(
      {
        ...addresseeOf(server),
        caseName: bench.name,
        plan: settings.plan,
        ...(requests && { requests }),
        seed: Date.now() >>> 0,
        connections: TARGET_CONNECTIONS,
        warmupMs: settings.warmupMs,
        measureMs: settings.measureMs,
        checkAnswers: true,
      },
      (kind) => void (timesUs[kind] = monotonicUs()),
    );
    const waits = await stopSampling();
    await server.stop();
    const summary = summarizeProfile(readProfile(folder), timesUs.begin, timesUs.end, settings.root);
    const busy = (summary.busyMs * 100) / (summary.busyMs + summary.idleMs);
    return [
      `## Profile of ${bench.title} at ${TARGET_CONNECTIONS} connections`,
      `${Math.round(load.requestsPerSecond)} requests/s under the profiler, ${load.errors} errors${load.firstError ? ` (${load.firstError})` : ''}; main thread busy ${busy.toFixed(0)} %.`,
      hotSpotTable('function', summary.functions.slice(0, FUNCTIONS_SHOWN), load.requests),
      hotSpotTable('part', summary.parts, load.requests),
      hotSpotTable('file or package', summary.files.slice(0, FILES_SHOWN), load.requests),
      waitTable(waits),
    ].join('\n\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
};
