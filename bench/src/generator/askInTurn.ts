import type { BenchRequest } from '../cases/case.ts';
import type { Target } from '../processes/target.ts';
import { addresseeOf } from './addressee.ts';
import { Connection } from './connection.ts';
import { encodeRequest } from './encode.ts';

/**
 * Sends requests one after the other, once, on one connection.
 *
 * @returns how long each answer took, in milliseconds
 * @throws Error for what is no success, or an answer without what is to be in it
 */
export const askInTurn = async (target: Target, requests: readonly BenchRequest[]): Promise<number[]> => {
  const addressee = addresseeOf(target);
  const prepared = requests.map((request) => encodeRequest(request, addressee));
  const timesMs: number[] = [];
  const faults: string[] = [];
  let at = 0;
  await new Connection({
    host: addressee.host,
    port: addressee.port,
    next: () => prepared[at++],
    checking: () => prepared[at - 1]?.answer !== '', // `next` has gone on already
    answered: (elapsedMs) => timesMs.push(elapsedMs),
    failed: (what) => faults.push(what),
  }).run();
  if (faults.length > 0) throw new Error(faults[0]);
  return timesMs;
};
