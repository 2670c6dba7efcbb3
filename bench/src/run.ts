import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from './options.ts';
import { dataPlan } from './data/plan.ts';
import { openDatabase, type BenchDatabase } from './database/database.ts';
import { openPostgres } from './database/postgres.ts';
import { commitOf, machineFacts } from './measure/machine.ts';
import { measureCase } from './measure/rounds.ts';
import { CACHE_FOLDER, REPOSITORY, RESULTS_FOLDER, SERVER_ENTRY } from './paths.ts';
import { prepareData } from './prepare.ts';
import { startServer, type ServerOptions } from './processes/serverProcess.ts';
import { profileCase } from './profile/profileCase.ts';
import { comparison } from './report/compare.ts';
import type { BenchResult, CaseResult } from './report/result.ts';
import { saveResult } from './report/save.ts';
import { caseLine, resultText } from './report/text.ts';

const MS_PER_SECOND = 1_000;
/** After the load, before the first case: what the load left to do in the background gets done. */
const SETTLE_MS = 2_000;

const serverOptions = (options: BenchOptions, database: BenchDatabase): ServerOptions => ({
  entry: path.resolve(options.server ?? SERVER_ENTRY),
  databaseUrl: database.url,
  dataFolder: path.join(CACHE_FOLDER, 'server'),
  logFile: path.join(CACHE_FOLDER, 'server.log'),
});

const settingsOf = (options: BenchOptions) => ({
  plan: dataPlan(options.scale),
  warmupMs: options.warmupSeconds * MS_PER_SECOND,
  measureMs: options.seconds * MS_PER_SECOND,
  rounds: options.rounds,
});

const measureAll = async (options: BenchOptions, database: BenchDatabase): Promise<BenchResult> => {
  const settings = settingsOf(options);
  const server = await startServer(serverOptions(options, database));
  try {
    const prepared = await prepareData(database, server, settings.plan);
    await sleep(SETTLE_MS);
    const cases: CaseResult[] = [];
    for (const bench of options.cases) {
      for (const connections of options.connections) {
        const result = await measureCase({ bench, connections, settings, database }, server);
        cases.push(result);
        console.error(caseLine(result));
      }
    }
    return {
      date: new Date().toISOString(),
      commit: commitOf(REPOSITORY),
      machine: machineFacts(database.version),
      settings: {
        scale: options.scale,
        seconds: options.seconds,
        warmupSeconds: options.warmupSeconds,
        rounds: options.rounds,
      },
      ...(prepared.load && { load: prepared.load }),
      bytes: prepared.bytes,
      cases,
      peakMemoryBytes: Math.max(
        prepared.peakMemoryBytes,
        ...cases.map((each) => each.server.peakMemoryBytes),
      ),
    };
  } finally {
    await server.stop();
  }
};

const profileAll = async (options: BenchOptions, database: BenchDatabase): Promise<void> => {
  const settings = { ...settingsOf(options), root: REPOSITORY, workFolder: CACHE_FOLDER };
  const loading = await startServer(serverOptions(options, database));
  try {
    await prepareData(database, loading, settings.plan);
  } finally {
    await loading.stop();
  }
  for (const bench of options.cases)
    console.log(`${await profileCase(bench, database, serverOptions(options, database), settings)}\n`);
};

/** The whole benchmark; false where a measurement is invalid. */
export const run = async (options: BenchOptions): Promise<boolean> => {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  const earlier = options.compare && (JSON.parse(readFileSync(options.compare, 'utf8')) as BenchResult);
  const postgres = await openPostgres(CACHE_FOLDER);
  const database = await openDatabase(postgres.url, options.reuse);
  try {
    if (options.profile) {
      await profileAll(options, database);
      return true;
    }
    const result = await measureAll(options, database);
    console.log(`\n${resultText(result)}`);
    if (earlier) console.log(`\n${comparison(result, earlier)}`);
    if (options.save) console.log(`\nbench/results: ${saveResult(RESULTS_FOLDER, result).join(', ')}`);
    return result.cases.every((each) => each.errors === 0);
  } finally {
    await database.close();
    await postgres.stop();
  }
};
