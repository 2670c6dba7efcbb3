import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { clientOf, type Answer, type Client } from '../../acceptance/support/client.ts';
import { randomOf, type Random } from '../../acceptance/support/mutations/random.ts';
import type { RunningServer } from '../../../src/main.ts';
import { testConnection } from '../../support/postgres.ts';
import { workshop } from '../../support/program.ts';
import { startTestServer, urlOf } from '../../support/server.ts';

/** Repeats what the writers do, not how they meet. */
const SEED = Number(process.env.CONCURRENCY_SEED ?? Date.now() % 1_000_000_000);
const WRITERS = 16;
const WRITES_EACH = 40;
const IDS = 5;
const TYPES = ['Patient', 'Basic'] as const;

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const site = workshop();
let servers: RunningServer[] = [];
let clients: Client[] = [];

beforeAll(async () => {
  // Both make the schema and the tables of the types at the same moment, too.
  servers = await Promise.all([0, 1].map(() => startTestServer({ databaseSchema: schema })));
  clients = servers.map(({ url }) => clientOf(url, WRITERS));
});
afterAll(async () => {
  clients.forEach((client) => client.close());
  await site.cleanUp();
  for (const server of servers) await server.stop();
});

const versionOf = ({ headers }: Answer) => Number(/\d+/.exec(headers.etag ?? '')?.[0]);
const resource = (type: string, id: string, mark: string) =>
  type === 'Patient'
    ? { resourceType: type, id, name: [{ family: mark, given: ['one', 'two'] }], birthDate: '1950-01-02' }
    : { resourceType: type, id, code: { text: mark }, identifier: [{ system: 'urn:mark', value: mark }] };

/** Content of each acknowledged version; null for a deletion. */
type Acknowledged = Map<string, string | null>;

async function writeOne(
  client: Client,
  random: Random,
  mark: string,
  acknowledged: Acknowledged,
): Promise<number> {
  const type = random.pick(TYPES);
  const key = `${type}/hot-${random.below(IDS)}`;
  const [, id] = key.split('/') as [string, string];
  if (random.oneIn(5)) {
    const answer = await client.send(key, { method: 'DELETE' });
    if (answer.headers.etag !== undefined) note(acknowledged, key, versionOf(answer), null);
    return answer.status;
  }
  const answer = await client.send(key, { method: 'PUT', body: resource(type, id, mark) });
  if (answer.status < 300) note(acknowledged, key, versionOf(answer), answer.text);
  return answer.status;
}

/** Writes all hot resources of a type or two, in an order of its own: what deadlocks are made of. */
async function writeMany(
  client: Client,
  random: Random,
  mark: string,
  acknowledged: Acknowledged,
): Promise<number> {
  const keys = TYPES.flatMap((type) => Array.from({ length: IDS }, (_, i) => [type, `hot-${i}`] as const))
    .filter((_, i) => i === 0 || random.oneIn(2))
    .sort(() => random.below(3) - 1);
  const entry = keys.map(([type, id]) => ({
    resource: resource(type, id, mark),
    request: { method: 'PUT', url: `${type}/${id}` },
  }));
  const body = { resourceType: 'Bundle', type: 'transaction', entry };
  const answer = await client.send('', { method: 'POST', body });
  if (answer.status === 200) {
    const { entry: answers = [] } = JSON.parse(answer.text) as {
      entry?: { response: { location: string } }[];
    };
    for (const { response } of answers) {
      const [key, version] = response.location.split('/fhir/R4/')[1]!.split('/_history/') as [string, string];
      const stored = await client.send(`${key}/_history/${version}`);
      expect(stored.text).toContain(mark);
      note(acknowledged, key, Number(version), stored.text);
    }
  }
  return answer.status;
}

function note(acknowledged: Acknowledged, key: string, version: number, text: string | null): void {
  const name = `${key}/_history/${version}`;
  if (acknowledged.has(name)) throw new Error(`${name} was given to two writers`);
  acknowledged.set(name, text);
}

test(`two servers write the same resources: no gap, no deadlock, nothing lost (CONCURRENCY_SEED=${SEED})`, async () => {
  const acknowledged: Acknowledged = new Map();
  const statuses = new Map<number, number>();
  const writer = async (n: number): Promise<void> => {
    const random = randomOf(SEED, n);
    for (let i = 0; i < WRITES_EACH; i += 1) {
      const write = random.oneIn(4) ? writeMany : writeOne;
      const status = await write(random.pick(clients), random, `mark-${n}-${i}-`, acknowledged);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n)));
  console.error(`two servers: ${acknowledged.size} versions; answers ${JSON.stringify([...statuses])}`);
  expect([...statuses.keys()].filter((status) => ![200, 201, 204].includes(status))).toEqual([]);

  const byKey = Map.groupBy([...acknowledged.keys()], (name) => name.split('/_history/')[0]!);
  for (const [key, names] of byKey) {
    const versions = names.map((name) => Number(name.split('/').at(-1))).sort((a, b) => a - b);
    expect([key, versions]).toEqual([key, Array.from(versions, (_, i) => i + 1)]);
    const current = await clients[0]!.send(key);
    const last = acknowledged.get(`${key}/_history/${versions.length}`);
    expect([current.status, versionOf(current)]).toEqual([last === null ? 410 : 200, versions.length]);
  }
  for (const [name, text] of acknowledged) {
    const stored = await clients[1]!.send(name);
    expect([name, stored.status === 410 ? null : stored.text]).toEqual([name, text]);
  }
  await expectVerified();
});

test('counters that two servers raise with If-Match lose no step', async () => {
  const steps = 10;
  const raise = async (client: Client): Promise<void> => {
    for (let done = 0; done < steps;) {
      const read = await client.send('Basic/counter');
      const { code } = JSON.parse(read.text) as { code: { text: string } };
      const body = resource('Basic', 'counter', String(Number(code.text) + 1));
      const headers = { 'if-match': read.headers.etag! };
      const { status } = await client.send('Basic/counter', { method: 'PUT', headers, body });
      expect([200, 412]).toContain(status);
      if (status === 200) done += 1;
    }
  };
  const first = await clients[0]!.send('Basic/counter', {
    method: 'PUT',
    body: resource('Basic', 'counter', '0'),
  });
  expect(first.status).toBe(201);
  await Promise.all(Array.from({ length: 8 }, (_, i) => raise(clients[i % 2]!)));
  const last = await clients[0]!.send('Basic/counter');
  expect(JSON.parse(last.text)).toMatchObject({
    meta: { versionId: String(8 * steps + 1) },
    code: { text: String(8 * steps) },
  });
  await expectVerified();
});

async function expectVerified(): Promise<void> {
  const env = { DATABASE_URL: urlOf(await testConnection()), DATABASE_SCHEMA: schema };
  const verify = site.verify(site.dataDir(), { env });
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/; 0 differences\n$/),
  ]);
}
