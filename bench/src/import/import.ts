import { observation } from '../data/observation.ts';
import { dataPlan } from '../data/plan.ts';
import { DATABASES, openDatabase, type BenchDatabase } from '../database/database.ts';
import { transactionFloor } from '../floors/transaction.ts';
import { progress } from '../load/progress.ts';
import { peakMemoryBytes, resetPeakMemory } from '../measure/proc.ts';
import type { BenchOptions } from '../options.ts';
import { CACHE_FOLDER, REPOSITORY } from '../paths.ts';
import { startFloor } from '../processes/floorProcess.ts';
import { startServer } from '../processes/serverProcess.ts';
import type { ImportFigures, LargeTransaction } from '../report/result.ts';
import { serverOptions } from '../settings.ts';
import { syntheaBundles, type ImportBundle } from './archive.ts';
import { send, sendAll, type Pass } from './send.ts';

/** Bundles by which the floor's variants are compared. */
const TRIAL_BUNDLES = 20;
const LARGE_ENTRIES = 10_000;

/** The Synthea set into an empty server, between two passes of the floor, and one transaction of 10,000 entries. */
export const measureImport = async (
  options: BenchOptions,
  postgresUrl: string,
): Promise<ImportFigures & { version: string }> => {
  const bundles = syntheaBundles(REPOSITORY, CACHE_FOLDER);
  const database = await openDatabase(postgresUrl, false, DATABASES.import);
  try {
    await database.client.query('CREATE SCHEMA floor');
    const variant = await fastestVariant(database, bundles.slice(0, TRIAL_BUNDLES));
    const before = await floorPass(database, variant, bundles);
    const { pass, peakMemoryBytes: peak, large } = await serverPass(options, database, bundles);
    const after = await floorPass(database, variant, bundles);
    const floorRate = (before.resourcesPerSecond + after.resourcesPerSecond) / 2;
    return {
      version: database.version,
      bundles: bundles.length,
      bytes: bundles.reduce((sum, { text }) => sum + text.length, 0),
      server: { ...pass, peakMemoryBytes: peak },
      floor: { label: variant, passes: [before, after] },
      ratio: pass.resourcesPerSecond / floorRate,
      large,
    };
  } finally {
    await database.close();
  }
};

const fastestVariant = async (database: BenchDatabase, bundles: readonly ImportBundle[]): Promise<string> => {
  const tried: { variant: string; rate: number }[] = [];
  for (const variant of transactionFloor.variants) {
    await floorPass(database, variant, bundles); // makes the tables, warms up
    tried.push({ variant, rate: (await floorPass(database, variant, bundles)).resourcesPerSecond });
  }
  return tried.reduce((best, one) => (one.rate > best.rate ? one : best)).variant;
};

const floorPass = async (
  database: BenchDatabase,
  variant: string,
  bundles: readonly ImportBundle[],
): Promise<Pass> => {
  const floor = await startFloor('transaction', variant, database.url);
  try {
    return await sendAll(floor, bundles, progress(`floor, ${variant}`));
  } finally {
    await floor.stop();
  }
};

const serverPass = async (
  options: BenchOptions,
  database: BenchDatabase,
  bundles: readonly ImportBundle[],
): Promise<{ pass: Pass; peakMemoryBytes: number; large: LargeTransaction }> => {
  const server = await startServer(serverOptions(options, database.url, 'server-import'));
  try {
    const pass = await sendAll(server, bundles, progress('server'));
    const peak = peakMemoryBytes(server.pid);
    resetPeakMemory(server.pid);
    const startMs = performance.now();
    await send(server, largeBundle());
    const seconds = (performance.now() - startMs) / 1_000;
    const large = { entries: LARGE_ENTRIES, seconds, peakMemoryBytes: peakMemoryBytes(server.pid) };
    return { pass, peakMemoryBytes: peak, large };
  } finally {
    await server.stop();
  }
};

const largeBundle = (): Buffer => {
  const plan = dataPlan(1);
  const entry = Array.from({ length: LARGE_ENTRIES }, (_, i) => ({
    fullUrl: `urn:uuid:00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    resource: { ...observation(plan, i), id: undefined },
    request: { method: 'POST', url: 'Observation' },
  }));
  return Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
};
