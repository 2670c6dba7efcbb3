import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { signInCallers } from './callers/signInCallers.ts';
import type { BenchCase } from './cases/case.ts';
import { DEFAULT_CONNECTIONS } from './cases/case.ts';
import type { BenchOptions } from './options.ts';
import { DATABASES, versionOf, type BenchDatabase } from './database/database.ts';
import { openPostgres } from './database/postgres.ts';
import { measureGrowth } from './growth.ts';
import { measureImport } from './import/import.ts';
import { commitOf, machineFacts } from './measure/machine.ts';
import { measureCase } from './measure/rounds.ts';
import { CACHE_FOLDER, REPOSITORY, RESULTS_FOLDER } from './paths.ts';
import { openFor, prepareData } from './prepare.ts';
import { startServer } from './processes/serverProcess.ts';
import { profileCase } from './profile/profileCase.ts';
import { comparison } from './report/compare.ts';
import { growthText } from './report/growth.ts';
import { importText } from './report/import.ts';
import type { CaseResult } from './report/caseResult.ts';
import type { BenchResult, RunHead } from './report/result.ts';
import { saveResult } from './report/save.ts';
import { caseLine, resultText } from './report/text.ts';
import { aloneHead } from './report/alone.ts';
import { eventsText } from './report/events.ts';
import { imagingText } from './report/imaging.ts';
import { terminologyText } from './report/terminology.ts';
import { validationText } from './report/validation.ts';
import { runEvents } from './events/run.ts';
import { runImaging } from './imaging/run.ts';
import { runTerminology } from './terminology/run.ts';
import { runValidation } from './validation/run.ts';
import { dataOf, serverOptions, settingsOf, SETTLE_MS } from './settings.ts';

const headOf = (options: BenchOptions, database: Pick<BenchDatabase, 'version'>): RunHead => ({
  date: new Date().toISOString(),
  commit: commitOf(REPOSITORY),
  machine: machineFacts(database.version),
  settings: {
    scale: options.scale,
    seconds: options.seconds,
    warmupSeconds: options.warmupSeconds,
    rounds: options.rounds,
  },
});

const connectionsOf = (options: BenchOptions, bench: BenchCase): readonly number[] =>
  options.connections ?? bench.connections ?? DEFAULT_CONNECTIONS;

const measureAll = async (options: BenchOptions, database: BenchDatabase): Promise<BenchResult> => {
  const settings = settingsOf(options);
  const started = await startServer(serverOptions(options, database.url, 'server'));
  try {
    const prepared = await prepareData(database, started, dataOf(options));
    const server = await signInCallers(started, options.cases, settings.plan);
    await sleep(SETTLE_MS);
    const cases: CaseResult[] = [];
    for (const bench of options.cases) {
      for (const connections of connectionsOf(options, bench)) {
        const result = await measureCase({ bench, connections, settings, database }, server);
        cases.push(result);
        console.error(caseLine(result));
      }
    }
    return {
      ...headOf(options, database),
      ...(prepared.load && { load: prepared.load }),
      bytes: prepared.bytes,
      cases,
      peakMemoryBytes: Math.max(
        prepared.peakMemoryBytes,
        ...cases.map((each) => each.server.peakMemoryBytes),
      ),
    };
  } finally {
    await started.stop();
  }
};

const profileAll = async (options: BenchOptions, database: BenchDatabase): Promise<void> => {
  const settings = { ...settingsOf(options), root: REPOSITORY, workFolder: CACHE_FOLDER };
  const server = serverOptions(options, database.url, 'server');
  const loading = await startServer(server);
  try {
    await prepareData(database, loading, dataOf(options));
  } finally {
    await loading.stop();
  }
  for (const bench of options.cases) console.log(`${await profileCase(bench, database, server, settings)}\n`);
};

const saved = (names: readonly string[]): void => console.log(`\nbench/results: ${names.join(', ')}`);

/** Measures growth with each search, or what was chosen by name. */
const runGrowth = async (options: BenchOptions, growth: number, postgresUrl: string): Promise<boolean> => {
  const { version, cases } = await measureGrowth(options, growth, postgresUrl);
  const result = { ...headOf(options, { version }), growth, cases };
  const text = growthText(result);
  console.log(`\n${text}`);
  if (options.save) saved(saveResult(RESULTS_FOLDER, result, text, '-growth'));
  return cases.every((each) => each.errors === 0);
};

/** Imports real bundles into an empty server. */
const runImport = async (options: BenchOptions, postgresUrl: string): Promise<boolean> => {
  const { version, ...figures } = await measureImport(options, postgresUrl);
  const result = { ...headOf(options, { version }), ...figures };
  const text = importText(result);
  console.log(`\n${text}`);
  if (options.save) saved(saveResult(RESULTS_FOLDER, result, text, '-import'));
  return true;
};

const runUsual = async (options: BenchOptions, postgresUrl: string): Promise<boolean> => {
  const earlier = options.compare && (JSON.parse(readFileSync(options.compare, 'utf8')) as BenchResult);
  const database = await openFor(postgresUrl, DATABASES.usual, dataOf(options));
  try {
    if (options.profile) {
      await profileAll(options, database);
      return true;
    }
    const result = await measureAll(options, database);
    Object.assign(result, await measureOthers(options, postgresUrl));
    const text = [resultText(result), ...otherTexts(result)].join('\n\n');
    console.log(`\n${text}`);
    if (earlier) console.log(`\n${comparison(result, earlier)}`);
    if (options.save) saved(saveResult(RESULTS_FOLDER, result, text));
    return areValid(result) && result.cases.every((each) => each.errors === 0);
  } finally {
    await database.close();
  }
};

type Others = Pick<BenchResult, 'validation' | 'terminology' | 'events' | 'imaging'>;

/** What was chosen by name that is no case of requests. */
const measureOthers = async (options: BenchOptions, postgresUrl: string): Promise<Others> => ({
  ...(options.validation && { validation: await runValidation(options.rounds) }),
  ...(options.terminology && { terminology: await runTerminology(options, postgresUrl) }),
  ...(options.events && { events: await runEvents(options, postgresUrl) }),
  ...(options.imaging && { imaging: await runImaging(options, postgresUrl) }),
});

/** These alone. @param postgresUrl absent: none of them needs PostgreSQL */
const runOthers = async (options: BenchOptions, postgresUrl?: string): Promise<boolean> => {
  const version = postgresUrl === undefined ? 'not asked' : await versionOf(postgresUrl);
  const others = await measureOthers(options, postgresUrl ?? '');
  const result = { ...headOf(options, { version }), ...others };
  const names = Object.keys(others);
  const text = [aloneHead(names.join(', '), result), ...otherTexts(result)].join('\n\n');
  console.log(`\n${text}`);
  if (options.save) saved(saveResult(RESULTS_FOLDER, result, text, `-${names.join('-')}`));
  return areValid(others);
};

const areValid = ({ imaging }: Others): boolean =>
  imaging === undefined || imaging.dicomweb.every((each) => each.errors === 0);

const otherTexts = ({ validation, terminology, events, imaging }: Others): string[] => [
  ...(validation ? [validationText(validation)] : []),
  ...(terminology ? [terminologyText(terminology)] : []),
  ...(events ? [eventsText(events)] : []),
  ...(imaging ? [imagingText(imaging)] : []),
];

/** The whole benchmark; false where a measurement is invalid. */
export const run = async (options: BenchOptions): Promise<boolean> => {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  const { validation, terminology, events, imaging } = options;
  const needsServer = terminology || events || imaging;
  const isAlone = options.cases.length === 0;
  if (isAlone && validation && !needsServer) return await runOthers(options);
  const postgres = await openPostgres(CACHE_FOLDER);
  try {
    if (isAlone && needsServer) return await runOthers(options, postgres.url);
    if (options.import) return await runImport(options, postgres.url);
    return options.growth === undefined
      ? await runUsual(options, postgres.url)
      : await runGrowth(options, options.growth, postgres.url);
  } finally {
    await postgres.stop();
  }
};
