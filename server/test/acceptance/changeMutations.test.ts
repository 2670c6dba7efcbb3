import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer } from '../support/server.ts';
import { clientOf } from './support/client.ts';
import { IDS, observation, patient } from './support/mutations/base.ts';
import { changeMutationOf, type Mutation } from './support/mutations/mutation.ts';
import { eachMutation, runMutations } from './support/mutations/run.ts';

/** CHANGE_SEED repeats a run, CHANGE_ONLY one mutation of it, CHANGES makes it longer. */
const SEED = Number(process.env.CHANGE_SEED ?? 20_261_121);
const ONLY = process.env.CHANGE_ONLY;
const COUNT = Number(process.env.CHANGES ?? 10_000);
const TIMEOUT_MS = 20 * 60_000;

let server: Awaited<ReturnType<typeof startTestServer>>;
beforeAll(async () => {
  // A conditional delete answers without naming what it deleted unless that is one.
  server = await startTestServer({ conditionalDeletesMax: 1 });
  const client = clientOf(server.url);
  for (const id of IDS) {
    for (const body of [patient(id), observation(id)]) {
      await client.send(`${body.resourceType}/${id}`, { method: 'PUT', body });
    }
  }
  client.close();
});
afterAll(() => server.stop());

test(
  `${COUNT} mutated bundles, patches and conditional requests (CHANGE_SEED=${SEED}): no 5xx, no partial effect`,
  async () => {
    const numbers = ONLY === undefined ? Array.from({ length: COUNT }, (_, i) => i) : [Number(ONLY)];
    const mutations = eachMutation(numbers, (number) => changeMutationOf(SEED, number));
    const repeat = ({ number }: Mutation) => `CHANGE_SEED=${SEED} CHANGE_ONLY=${number}`;
    const nothingMore = () => Promise.resolve(undefined);
    const { accepted, refused, made, ...faults } = await runMutations(
      server.url,
      mutations,
      nothingMore,
      repeat,
    );
    expect(faults).toEqual({ failures: [], unacknowledged: [], lost: [] });
    if (ONLY === undefined) {
      // Were all refused, or none, the mutations would test nothing.
      expect(accepted).toBeGreaterThan(COUNT / 10);
      expect(refused).toBeGreaterThan(COUNT / 10);
      expect(made).toBeGreaterThan(COUNT / 20);
    }
  },
  TIMEOUT_MS,
);
