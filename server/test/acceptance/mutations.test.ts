import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer } from '../support/server.ts';
import { clientOf } from './support/client.ts';
import type { Client } from './support/client.ts';
import { parseByText, sameContent } from './support/exactJson.ts';
import { IDS, observation, patient } from './support/mutations/base.ts';
import { mutationOf } from './support/mutations/mutation.ts';
import type { Mutation } from './support/mutations/mutation.ts';
import { eachMutation, runMutations } from './support/mutations/run.ts';

/** MUTATION_SEED repeats a run, MUTATION_ONLY one mutation of it, MUTATIONS makes it longer. */
const SEED = Number(process.env.MUTATION_SEED ?? 20_261_121);
const ONLY = process.env.MUTATION_ONLY;
const COUNT = Number(process.env.MUTATIONS ?? 5_000);
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
    const numbers = ONLY === undefined ? Array.from({ length: COUNT }, (_, i) => i) : [Number(ONLY)];
    const repeat = ({ number }: Mutation) => `MUTATION_SEED=${SEED} MUTATION_ONLY=${number}`;
    const mutations = eachMutation(numbers, (number) => mutationOf(SEED, number));
    const { accepted, refused, made, ...faults } = await runMutations(server.url, mutations, loss, repeat);
    expect(faults).toEqual({ failures: [], unacknowledged: [], lost: [] });
    expect((await client.send('metadata')).status).toBe(200);
    if (ONLY === undefined) {
      // Were all refused, or none, the mutations would test nothing.
      expect(accepted).toBeGreaterThan(COUNT / 5);
      expect(refused).toBeGreaterThan(COUNT / 5);
      expect(made).toBeGreaterThan(COUNT / 20);
    }
  },
  TIMEOUT_MS,
);

/** How an accepted resource differs from what was sent, read back from the version that it became. */
async function loss(
  client: Client,
  { resource }: Mutation,
  version: string | undefined,
): Promise<string | undefined> {
  if (resource === undefined || version === undefined) return undefined;
  const { status, text } = await client.send(version);
  if (status === 200 && isKeptAsFile(version, resource, text)) return undefined;
  const sent = { ...(parseByText(resource.replace(/^\ufeff/, '')) as object), id: version.split('/')[1] };
  if (status === 200 && sameContent(sent, parseByText(text))) return undefined;
  return `accepted, but read back as ${status} ${text.slice(0, 300)}`;
}

/** What is no Binary is kept as a file where it is sent to Binary, to the letter (binary.html#rest). */
function isKeptAsFile(version: string, resource: string, text: string): boolean {
  if (!version.startsWith('Binary/')) return false;
  const { data = '' } = JSON.parse(text) as { data?: string };
  return Buffer.from(data, 'base64').equals(Buffer.from(resource));
}
