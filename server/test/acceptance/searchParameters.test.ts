import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { RunningServer } from '../../src/main.ts';
import { until, workshop } from '../support/program.ts';
import { found, idsOf, put, refusal, reindex, searchParameter } from '../support/searchParameters.ts';
import { startTestServer, urlOf } from '../support/server.ts';
import { testConnection } from '../support/postgres.ts';
import { clientOf, type Client } from './support/client.ts';
import { randomOf, type Random } from './support/mutations/random.ts';

/** Repeats what the writers do, not how they meet. */
const SEED = Number(process.env.CONCURRENCY_SEED ?? Date.now() % 1_000_000_000);
const WRITERS = 8;
const STABLE = 40;
const CODE = 'contact-name';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const site = workshop();
const servers: RunningServer[] = [];
let clients: Client[] = [];
/** Those that are written to, and so hear of another plan at once; the third one only now and then. */
let written: Client[] = [];
let random: Random;
beforeAll(async () => {
  // Servers of one store have one address: by another one the references would be indexed otherwise.
  const settings = { databaseSchema: schema, publicUrl: 'http://127.0.0.1:8103' };
  for (let i = 0; i < 3; i++) servers.push(await startTestServer(settings));
  clients = servers.map(({ url }) => clientOf(url, WRITERS));
  written = clients.slice(0, 2);
  random = randomOf(SEED, 1_000);
});
afterAll(async () => {
  clients.forEach((client) => client.close());
  await site.cleanUp();
  for (const server of servers) await server.stop();
});

/** What the writers look for stands on two paths: a definition by the one or by the other must find it. */
const patient = (id: string, mark: string) => ({
  resourceType: 'Patient',
  id,
  contact: [{ name: { family: mark, given: [mark] } }],
});
const BY_FAMILY = searchParameter(CODE, { expression: 'Patient.contact.name.family' });
const BY_GIVEN = searchParameter(CODE, { expression: 'Patient.contact.name.given' });

const REFUSED = /is not ready|has no search parameter 'contact-name'|was changed or removed while it ran/;
const tally = { right: 0, refused: 0 };

/** A search is right or refused, at any moment, wherever it is sent. */
async function expectRightOrRefused(client: Client, mark: string, ids: string[]): Promise<void> {
  const answer = await client.send(`Patient?${CODE}=${mark}&_count=1000`);
  if (answer.status === 200) {
    tally.right++;
    expect([mark, idsOf(answer).sort()]).toEqual([mark, ids]);
    return;
  }
  tally.refused++;
  expect(refusal(answer)).toMatch(REFUSED);
}

/** Writes patients of its own, one by one and together, and looks for each as soon as it is acknowledged. */
async function writer(n: number, isOver: () => boolean): Promise<void> {
  const own = randomOf(SEED, n);
  const ids = [0, 1, 2].map((i) => `w${n}-${i}`);
  const marks = new Map<string, string>();
  for (let i = 0; !isOver(); i++) {
    const mark = `mark${n}x${i}y`;
    const before = new Map(marks);
    const chosen = own.oneIn(3) ? ids : [own.pick(ids)];
    if (chosen.length === 1 && own.oneIn(5)) {
      const { status } = await own.pick(written).send(`Patient/${chosen[0]}`, { method: 'DELETE' });
      expect([200, 204]).toContain(status);
      marks.delete(chosen[0]!);
    } else {
      const entry = chosen.map((id) => ({
        resource: patient(id, mark),
        request: { method: 'PUT', url: `Patient/${id}` },
      }));
      const answer =
        chosen.length === 1
          ? await own.pick(written).send(`Patient/${chosen[0]}`, { method: 'PUT', body: entry[0]!.resource })
          : await own.pick(written).send('', {
              method: 'POST',
              body: { resourceType: 'Bundle', type: 'transaction', entry },
            });
      expect([200, 201]).toContain(answer.status);
      chosen.forEach((id) => marks.set(id, mark));
    }
    for (const one of new Set([...before.values(), ...marks.values()])) {
      const expected = ids.filter((id) => marks.get(id) === one);
      await expectRightOrRefused(own.pick(clients), one, expected);
    }
  }
}

test(`while a parameter comes, changes and goes, three servers lose no write and answer no search wrongly (CONCURRENCY_SEED=${SEED})`, async () => {
  const stable = Array.from({ length: STABLE }, (_, i) => `s${String(i).padStart(3, '0')}`);
  for (let i = 0; i < STABLE; i += 50) {
    const entry = stable.slice(i, i + 50).map((id) => ({
      resource: patient(id, 'stable'),
      request: { method: 'PUT', url: `Patient/${id}` },
    }));
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await clients[0]!.send('', { method: 'POST', body })).status).toBe(200);
  }
  let over = false;
  const writers = Array.from({ length: WRITERS }, (_, n) => writer(n, () => over));
  const searching = (async () => {
    while (!over) await expectRightOrRefused(random.pick(clients), 'stable', stable);
  })();

  const administrator = (async () => {
    for (const definition of [BY_FAMILY, BY_GIVEN, BY_FAMILY, BY_GIVEN, BY_FAMILY]) {
      const administered = random.pick(written);
      await put(administered, definition);
      await reindex(administered);
      for (const client of clients) await knows(client);
      expect(await found(clients[0]!, `Patient?${CODE}=stable&_count=1000`)).toEqual(stable);
    }
    await random.pick(written).send(`SearchParameter/${CODE}`, { method: 'DELETE' });
    await reindex(random.pick(clients));
    await put(random.pick(clients), BY_GIVEN);
    await reindex(random.pick(clients));
    for (const client of clients) await knows(client);
  })();
  // Whoever fails first ends the test.
  await Promise.race([administrator, ...writers, searching]).finally(() => (over = true));
  await Promise.all([administrator, ...writers, searching]);
  console.error(`${tally.right} searches were right, ${tally.refused} were refused`);
  expect(tally.right).toBeGreaterThan(0);
  expect(tally.refused).toBeGreaterThan(0);
  await expectVerified();
});

/** A server hears of what others did when it asks, which it does from time to time. */
async function knows(client: Client): Promise<void> {
  await until(async () => {
    const { status, text } = await client.send(`Patient?${CODE}=nobody`);
    if (status !== 200) expect(refusal({ text })).toMatch(REFUSED);
    return status === 200;
  }, 'the server heard of the parameter');
}

async function expectVerified(): Promise<void> {
  const env = { DATABASE_URL: urlOf(await testConnection()), DATABASE_SCHEMA: schema };
  const verify = site.verify(site.dataDir(), { env });
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/; 0 differences\n$/),
  ]);
}
