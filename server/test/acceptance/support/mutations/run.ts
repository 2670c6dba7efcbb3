import { clientOf, inFlight, type Client } from '../client.ts';
import { administratorOf } from '../../../support/administrator.ts';
import { sendRaw } from '../rawHttp.ts';
import { signedIn } from './request.ts';
import { acknowledgedBy, versionsOf, type Version } from './acknowledged.ts';
import type { Mutation } from './mutation.ts';
import { answerFault } from './verdict.ts';

const IN_FLIGHT = 8;
/** Far more than any answer takes on a busy machine. */
const WHOLE_TIMEOUT_MS = 60_000;
const FAILURES_TOLD_MAX = 25;

/** What came of a run of mutations. */
export interface MutationRun {
  /** Answers that must not be, each with what repeats it. */
  failures: string[];
  /** Versions that nobody acknowledged, each with the requests that may have made it. */
  unacknowledged: string[][];
  /** Versions that were acknowledged and are not there. */
  lost: Version[];
  accepted: number;
  refused: number;
  /** Versions that were made. */
  made: number;
}

/** Mutations one after the other: all at once would take much memory. */
export function* eachMutation(
  numbers: Iterable<number>,
  make: (number: number) => Mutation,
): Generator<Mutation> {
  for (const number of numbers) yield make(number);
}

/**
 * Sends mutations and judges the answers; afterwards, compares all versions that the server has with those that answers told of.
 *
 * @param check what is wrong with an accepted one, if anything; `version`: the one that it made
 * @param repeat how a mutation is repeated alone
 */
export async function runMutations(
  serverUrl: string,
  mutations: Iterable<Mutation>,
  check: (client: Client, mutation: Mutation, version: Version | undefined) => Promise<string | undefined>,
  repeat: (mutation: Mutation) => string,
): Promise<MutationRun> {
  const client = clientOf(serverUrl);
  const authorization = administratorOf(serverUrl);
  const told = (mutation: Mutation) =>
    `${repeat(mutation)} (${mutation.name}) ${JSON.stringify(mutation.bytes.toString('latin1').slice(0, 90))}`;
  const before = await versionsOf(client);
  const acknowledged = new Set(before.keys());
  const failures: string[] = [];
  const tally = { accepted: 0, refused: 0 };
  /** Writes that acknowledged nothing: where a change is found that nobody acknowledged, one of them made it. */
  const silent: [Mutation, number][] = [];

  await inFlight(IN_FLIGHT, mutations, async (mutation) => {
    const { bytes, isHead, isWhole } = mutation;
    const options = { head: isHead, ...(isWhole && { halfCloseAfterMs: WHOLE_TIMEOUT_MS }) };
    const answer = await sendRaw(serverUrl, [signedIn(bytes, await authorization())], options);
    tally[answer.status < 400 ? 'accepted' : 'refused']++;
    const made = acknowledgedBy(mutation, answer);
    for (const version of made) acknowledged.add(version);
    if (made.length === 0 && !/^(?:GET|HEAD) /.test(bytes.toString('latin1', 0, 5)))
      silent.push([mutation, answer.status]);
    const wrong = answerFault(mutation, answer) ?? (await check(client, mutation, made[0]));
    if (wrong !== undefined) failures.push(`${told(mutation)}: ${wrong}`);
  });

  const after = await versionsOf(client);
  client.close();
  const suspects = (version: string) =>
    silent
      .filter(([{ bytes }]) => bytes.includes(version.split('/').slice(0, 2).join('/')))
      .map(([mutation, status]) => `${status} ${told(mutation)}`);
  return {
    failures: failures.slice(0, FAILURES_TOLD_MAX),
    unacknowledged: [...after.keys()]
      .filter((version) => !acknowledged.has(version))
      .map((version) => [version, ...suspects(version)]),
    lost: [...acknowledged].filter((version) => !after.has(version)),
    ...tally,
    made: after.size - before.size,
  };
}
