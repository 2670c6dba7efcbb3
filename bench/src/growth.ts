import { setTimeout as sleep } from 'node:timers/promises';
import { signInCallers } from './callers/signInCallers.ts';
import { TARGET_CONNECTIONS, type BenchCase } from './cases/case.ts';
import { dataPlan, type DataPlan } from './data/plan.ts';
import { DATABASES, type BenchDatabase } from './database/database.ts';
import { TRIAL_MS } from './measure/reference.ts';
import { requestsFrom } from './measure/requests.ts';
import { measureInTurn, measureSide, type Side } from './measure/side.ts';
import { pairedRatio } from './measure/statistics.ts';
import { errorsIn, summarize } from './measure/summary.ts';
import type { BenchOptions } from './options.ts';
import { openFor, prepareData, type WantedData } from './prepare.ts';
import { startServer } from './processes/serverProcess.ts';
import type { Target } from './processes/target.ts';
import { growthLine } from './report/growth.ts';
import type { GrowthCase } from './report/result.ts';
import { serverOptions, settingsOf, SETTLE_MS } from './settings.ts';

/** A server with its data. */
interface Store {
  plan: DataPlan;
  database: BenchDatabase;
  server: Target;
  close(): Promise<void>;
}

const readingOnly = ({ cases }: BenchOptions): BenchCase[] => cases.filter(({ writes }) => !writes);

const openStore = async (
  options: BenchOptions,
  name: 'small' | 'large',
  scale: number,
  postgresUrl: string,
): Promise<Store> => {
  const wanted: WantedData = { plan: dataPlan(scale), withFloors: false, reuse: options.reuse };
  const database = await openFor(postgresUrl, DATABASES[name], wanted);
  try {
    const started = await startServer(serverOptions(options, database.url, `server-${name}`));
    const close = async (): Promise<void> => {
      await started.stop();
      await database.close();
    };
    try {
      await prepareData(database, started, wanted);
      const server = await signInCallers(started, readingOnly(options), wanted.plan);
      return { plan: wanted.plan, database, server, close };
    } catch (error) {
      await started.stop();
      throw error;
    }
  } catch (error) {
    await database.close();
    throw error;
  }
};

const sideOf = async (bench: BenchCase, { plan, server }: Store): Promise<Side> => {
  const requests = await requestsFrom(bench, plan, server);
  return { target: server, bench, plan, checkAnswers: true, ...(requests && { requests }) };
};

/** Measures one case on both stores: large, small, large, small, ... */
const measureOne = async (
  options: BenchOptions,
  bench: BenchCase,
  stores: { small: Store; large: Store },
): Promise<GrowthCase> => {
  const { warmupMs, measureMs, rounds } = settingsOf(options);
  const load = { database: stores.large.database, connections: TARGET_CONNECTIONS, warmupMs, measureMs };
  const sides = [await sideOf(bench, stores.large), await sideOf(bench, stores.small)] as const;
  for (const side of sides) await measureSide(side, { ...load, measureMs: TRIAL_MS });
  const [large, small] = await measureInTurn(sides, load, rounds);
  const medians = (windows: typeof large): number[] => windows.map((window) => window.load.p50Ms);
  return {
    name: bench.name,
    title: bench.title,
    small: summarize(small),
    large: summarize(large),
    p50Ratio: pairedRatio(medians(large), medians(small)),
    ...errorsIn([...large, ...small]),
  };
};

/** What of the chosen cases changes nothing, measured on two servers of which one has `growth` times the data. */
export const measureGrowth = async (
  options: BenchOptions,
  growth: number,
  postgresUrl: string,
): Promise<{ version: string; cases: GrowthCase[] }> => {
  const small = await openStore(options, 'small', options.scale, postgresUrl);
  try {
    const large = await openStore(options, 'large', options.scale * growth, postgresUrl);
    try {
      await sleep(SETTLE_MS);
      const cases: GrowthCase[] = [];
      for (const bench of readingOnly(options)) {
        const measured = await measureOne(options, bench, { small, large });
        cases.push(measured);
        console.error(growthLine(measured));
      }
      return { version: large.database.version, cases };
    } finally {
      await large.close();
    }
  } finally {
    await small.close();
  }
};
