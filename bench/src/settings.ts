import path from 'node:path';
import { dataPlan } from './data/plan.ts';
import type { RoundsSettings } from './measure/rounds.ts';
import type { BenchOptions } from './options.ts';
import { CACHE_FOLDER, SERVER_ENTRY } from './paths.ts';
import type { WantedData } from './prepare.ts';
import type { ServerOptions } from './processes/serverProcess.ts';

const MS_PER_SECOND = 1_000;
/** After the load, before the first case: what the load left to do in the background gets done. */
export const SETTLE_MS = 2_000;

/** @param name of its data folder and its log in the cache */
export const serverOptions = (options: BenchOptions, databaseUrl: string, name: string): ServerOptions => ({
  entry: path.resolve(options.server ?? SERVER_ENTRY),
  databaseUrl,
  dataFolder: path.join(CACHE_FOLDER, name),
  logFile: path.join(CACHE_FOLDER, `${name}.log`),
});

export const settingsOf = (options: BenchOptions): RoundsSettings => ({
  plan: dataPlan(options.scale),
  warmupMs: options.warmupSeconds * MS_PER_SECOND,
  measureMs: options.seconds * MS_PER_SECOND,
  rounds: options.rounds,
});

export const dataOf = ({ scale, reuse }: BenchOptions): WantedData => ({
  plan: dataPlan(scale),
  withFloors: true,
  reuse,
});
