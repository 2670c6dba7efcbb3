import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer } from '../support/server.ts';
import { clientOf, inFlight } from './support/client.ts';
import type { Client } from './support/client.ts';
import { parseByText, sameContent } from './support/exactJson.ts';
import { acknowledgedBy, versionsOf } from './support/mutations/acknowledged.ts';
import { IDS, observation, patient } from './support/mutations/base.ts';
import { mutationOf } from './support/mutations/mutation.ts';
import type { Mutation } from './support/mutations/mutation.ts';
import { answerFault } from './support/mutations/verdict.ts';
import { sendRaw } from './support/rawHttp.ts';

/** MUTATION_SEED repeats a run, MUTATION_ONLY one mutation of it, MUTATIONS makes it longer. */
const SEED = Number(process.env.MUTATION_SEED ?? 20_261_121);
const ONLY = process.env.MUTATION_ONLY;
const COUNT = Number(process.env.MUTATIONS ?? 5_000);
const IN_FLIGHT = 8;
/** Far more than any answer takes on a busy machine. */
const WHOLE_TIMEOUT_MS = 60_000;
const FAILURES_TOLD_MAX = 25;
const TIMEOUT_MS = 20 * 60_000;

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server.url);
  for (const id of IDS.slice(0, 12)) {
    const seeded = [patient(id), observation(id)];
    for (const body of seeded) {
      const { status } = await client.send(`${body.resourceType}/${id}`, { method: 'PUT', body });
      expect(status).toBe(201);
    }
  }
});
afterAll(async () => {
  client.close();
  await server.stop();
});

test(
  `${COUNT} mutated requests (MUTATION_SEED=${SEED}): no 5xx, every refusal explained, every change acknowledged`,
  async () => {
    const before = await versionsOf(client);
    const acknowledged = new Set(before.keys());
    const failures: string[] = [];
    const tally: Record<string, number> = {};
    /** Writes that acknowledged nothing: where a change is found that nobody acknowledged, one of them made it. */
    const silent: [Mutation, number][] = [];
    const numbers = ONLY === undefined ? Array.from({ length: COUNT }, (_, i) => i) : [Number(ONLY)];

    await inFlight(IN_FLIGHT, numbers, async (number) => {
      const mutation = mutationOf(SEED, number);
      const { bytes, isHead, isWhole } = mutation;
      const options = { head: isHead, ...(isWhole && { halfCloseAfterMs: WHOLE_TIMEOUT_MS }) };
      const answer = await sendRaw(server.url, [bytes], options);
      const verdict = answer.status < 400 ? 'accepted' : 'refused';
      tally[verdict] = (tally[verdict] ?? 0) + 1;
      const made = acknowledgedBy(mutation, answer);
      for (const version of made) acknowledged.add(version);
      if (made.length === 0 && !/^(?:GET|HEAD) /.test(bytes.toString('latin1', 0, 5)))
        silent.push([mutation, answer.status]);
      const wrong = answerFault(mutation, answer) ?? (await loss(mutation, made[0]));
      if (wrong !== undefined) failures.push(`${told(mutation)}: ${wrong}`);
    });

    const after = await versionsOf(client);
    const suspects = (version: string) =>
      silent
        .filter(([{ bytes }]) => bytes.includes(version.split('/').slice(0, 2).join('/')))
        .map(([mutation, status]) => `${status} ${told(mutation)}`);
    const unacknowledged = [...after.keys()]
      .filter((version) => !acknowledged.has(version))
      .map((version) => [version, ...suspects(version)]);
    const lost = [...acknowledged].filter((version) => !after.has(version));
    expect(failures.slice(0, FAILURES_TOLD_MAX)).toEqual([]);
    expect({ unacknowledged, lost }).toEqual({ unacknowledged: [], lost: [] });
    expect((await client.send('metadata')).status).toBe(200);
    if (ONLY === undefined) {
      // Were all refused, or none, the mutations would test nothing.
      expect(tally.accepted).toBeGreaterThan(COUNT / 5);
      expect(tally.refused).toBeGreaterThan(COUNT / 5);
      expect(after.size - before.size).toBeGreaterThan(COUNT / 20);
    }
  },
  TIMEOUT_MS,
);

/** How an accepted resource differs from what was sent, read back from the version that it became. */
async function loss({ resource }: Mutation, version: string | undefined): Promise<string | undefined> {
  if (resource === undefined || version === undefined) return undefined;
  const { status, text } = await client.send(version);
  const sent = { ...(parseByText(resource.replace(/^\ufeff/, '')) as object), id: version.split('/')[1] };
  if (status === 200 && sameContent(sent, parseByText(text))) return undefined;
  return `accepted, but read back as ${status} ${text.slice(0, 300)}`;
}

const told = ({ number, name, bytes }: Mutation) =>
  `MUTATION_SEED=${SEED} MUTATION_ONLY=${number} (${name}) ${JSON.stringify(bytes.toString('latin1').slice(0, 90))}`;
