import type { BenchCase, BenchRequest } from '../cases/case.ts';
import { STREAM, type DataPlan } from '../data/plan.ts';
import { Random } from '../data/random.ts';
import type { Target } from '../processes/target.ts';
import { deepRequests } from './walk.ts';

/** The requests of a case; another seed makes others. */
export const requestsOf = (bench: BenchCase, plan: DataPlan, seed: number): BenchRequest[] =>
  bench.makeRequests(plan, new Random(plan.seed, STREAM.requests, seed));

/** Those requests of a case that only the server's answers lead to; undefined where the load generator can make them itself. */
export const requestsFrom = async (
  bench: BenchCase,
  plan: DataPlan,
  server: Target,
): Promise<BenchRequest[] | undefined> => {
  if (!bench.rowsDeep) return undefined;
  const [first] = requestsOf(bench, plan, 0);
  if (!first) throw new Error(`the case ${bench.name} has no first page`);
  return deepRequests(server, first, bench.rowsDeep(plan));
};
