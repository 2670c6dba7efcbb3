import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { archivedFiles, sharedPath } from '../support/sharedData.ts';
import { startTestServer } from '../support/server.ts';
import { clientOf, inFlight, type Client } from './support/client.ts';
import { broken } from './support/mutations/broken.ts';
import { randomOf } from './support/mutations/random.ts';

/** VALIDATION_SEED repeats a run, VALIDATION_ONLY one mutation of it, VALIDATIONS makes it longer. */
const SEED = Number(process.env.VALIDATION_SEED ?? 20_261_121);
const ONLY = process.env.VALIDATION_ONLY;
const COUNT = Number(process.env.VALIDATIONS ?? 5_000);
const TIMEOUT_MS = 20 * 60_000;

const ARCHIVE = sharedPath('data/r4-examples-4.0.1.tgz');
const EXAMPLES = 1_000;
const EXAMPLE_BYTES_MAX = 60_000;
const REQUESTS_IN_FLIGHT = 8;
/** The least of all mutations that breaks something. */
const REFUSED_MIN = COUNT / 2;

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  server = await startTestServer({ validation: 'profiles' });
  client = clientOf(server.url);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** Examples of every type, chosen by their place in the archive. */
function examples(archive: string): object[] {
  const small = [...archivedFiles(archive)].filter(
    ({ name, content }) => name.endsWith('.json') && content.length <= EXAMPLE_BYTES_MAX,
  );
  const step = Math.max(1, Math.floor(small.length / EXAMPLES));
  return small
    .filter((_, i) => i % step === 0)
    .map(({ content }) => JSON.parse(content.toString()) as { resourceType?: string })
    .filter(({ resourceType }) => resourceType !== undefined);
}

(ARCHIVE === undefined ? test.skip : test)(
  `${COUNT} broken resources (VALIDATION_SEED=${SEED}): each is validated and written or refused, none with 5xx`,
  async () => {
    const whole = examples(ARCHIVE!);
    const numbers = ONLY === undefined ? Array.from({ length: COUNT }, (_, i) => i) : [Number(ONLY)];
    const failures: string[] = [];
    let refused = 0;
    await inFlight(REQUESTS_IN_FLIGHT, numbers, async (number) => {
      const random = randomOf(SEED, number);
      const resource = broken(random.pick(whole), random) as { resourceType: string };
      const body = JSON.stringify(resource);
      const validated = await client.send(`${resource.resourceType}/$validate`, { method: 'POST', body });
      const created = await client.send(resource.resourceType, { method: 'POST', body });
      for (const { status, text } of [validated, created])
        if (status >= 500) failures.push(`VALIDATION_ONLY=${number}: ${status} ${text.slice(0, 200)}`);
      const isOutcome = validated.text.startsWith('{"resourceType":"OperationOutcome"');
      if (!isOutcome) failures.push(`VALIDATION_ONLY=${number}: no outcome: ${validated.text.slice(0, 200)}`);
      if (created.status >= 400) refused++;
    });
    expect(failures).toEqual([]);
    expect((await client.send('metadata')).status).toBe(200);
    if (ONLY === undefined) expect(refused).toBeGreaterThan(REFUSED_MIN);
  },
  TIMEOUT_MS,
);
