import { TARGET_CONNECTIONS, type BenchCase } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import type { BenchDatabase } from '../database/database.ts';
import type { Target } from '../processes/target.ts';
import type { CaseResult } from '../report/caseResult.ts';
import { difference } from './likeness.ts';
import { openReference, type Reference } from './reference.ts';
import { requestsFrom, requestsOf } from './requests.ts';
import { measureInTurn, measureSide, type Load, type Side } from './side.ts';
import { errorsIn, ratiosOf, summarize } from './summary.ts';

/**
 * How long a case is put on the server before it is measured. V8 has compiled the hot code of a floor within its trials; the server has a
 * hundred times as much, and a search still took a third more processor time after one second than after ten.
 */
const SERVER_TRIAL_MS = 10_000;

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

/** What is wrong with the server's answers, held against the floor's. */
const faults = async ({ bench, plan, target }: Side, reference: Reference | undefined): Promise<string[]> => {
  if (!bench.likeness || !reference) return [];
  const requests = requestsOf(bench, plan, Date.now() >>> 0);
  const found = await difference(requests, bench.likeness, target, reference.side.target);
  return found === undefined ? [] : [found];
};

/** Measures a case at one number of connections: server, floor, server, floor, ... */
export const measureCase = async (one: OneCase, target: Target): Promise<CaseResult> => {
  const { bench, connections, settings, database } = one;
  const { plan, warmupMs, measureMs, rounds } = settings;
  const load: Load = { database, connections, warmupMs, measureMs };
  const requests = await requestsFrom(bench, plan, target);
  const server: Side = { target, bench, plan, checkAnswers: true, ...(requests && { requests }) };
  // So that none comes in a measured window. Not before each window: the first write to a page after a checkpoint logs the
  // whole page, which in windows of seconds would be most of the log, and is little of it in the minutes between checkpoints.
  if (bench.writes) await database.client.query('CHECKPOINT');
  const reference = await openReference(server, load);
  try {
    const found = await faults(server, reference);
    // What the floor got by its trials: compiled code, open connections, prepared statements.
    await measureSide(server, { ...load, measureMs: SERVER_TRIAL_MS });
    const [ofServer, ofReference] = await measureInTurn([server, reference?.side], load, rounds);
    const result: CaseResult = {
      name: bench.name,
      title: bench.title,
      connections,
      server: summarize(ofServer),
      ...errorsIn([...ofServer, ...ofReference], found),
    };
    if (!reference) return result;
    const floor = { ...summarize(ofReference), label: reference.label };
    const goal = connections === TARGET_CONNECTIONS ? bench.target : undefined;
    return {
      ...result,
      floor,
      ...ratiosOf(result.server, floor),
      ...(goal !== undefined && { target: goal }),
    };
  } finally {
    await reference?.close();
  }
};
