import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import { ndjson, patient, sourceServer, type Source } from '../operations/import/source.ts';
import { testConnection } from '../support/postgres.ts';
import { freePort, until, workshop, type Program } from '../support/program.ts';
import { urlOf } from '../support/server.ts';

/** Each test has lines of its own; every tenth is no resource. */
const LINES = 12_000;
const FAULT_EVERY = 10;
const STORED = LINES - LINES / FAULT_EVERY;

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const site = workshop();
let env: Record<string, string>;
let database: Postgres;
let source: Source;
let clients: Client[] = [];

beforeAll(async () => {
  const connection = await testConnection();
  source = await sourceServer();
  env = {
    DATABASE_URL: urlOf(connection),
    DATABASE_SCHEMA: schema,
    LOG_LEVEL: 'error',
    IMPORT_ALLOW: source.url,
  };
  database = new Postgres(connection);
  await database.connect();
});
afterEach(() => {
  clients.forEach((client) => client.close());
  clients = [];
});
afterAll(async () => {
  await site.cleanUp();
  await source.close();
  await database.query(`DROP SCHEMA "${schema}" CASCADE`);
  await database.end();
});

/** A server on the store, and a client of it. */
async function serve(port = 0): Promise<{ server: Program; client: Client }> {
  const server = site.server(site.dataDir(), { env: { ...env, PORT: String(port) } });
  const client = clientOf(await server.ready());
  clients.push(client);
  return { server, client };
}

const lineOf = (prefix: string, i: number) =>
  i % FAULT_EVERY === 0 ? '{}\n' : ndjson([patient(`${prefix}-${i}`, { name: [{ family: `Family${i}` }] })]);

const textOf = (prefix: string, lines = LINES) =>
  Array.from({ length: lines }, (_, i) => lineOf(prefix, i + 1)).join('');

/** Begins to import so many lines. @returns the job's path below the base */
async function begin(client: Client, prefix: string): Promise<string> {
  if (!source.files.has(prefix)) source.files.set(prefix, textOf(prefix));
  const body = {
    inputFormat: 'application/fhir+ndjson',
    input: [{ type: 'Patient', url: source.url + prefix }],
  };
  const answer = await client.send('$import', { method: 'POST', body, headers: { Prefer: 'respond-async' } });
  return (answer.headers['content-location'] as string).replace(/^.*\/fhir\/R4\//, '');
}

/** Resources that are stored, and the highest version among them. */
async function stored(prefix: string): Promise<{ count: number; version: number }> {
  const table = await database.query(`SELECT to_regclass($1) AS name`, [`"${schema}".patient`]);
  if ((table.rows[0] as { name: string | null }).name === null) return { count: 0, version: 0 };
  const { rows } = await database.query(
    `SELECT count(*)::integer AS count, max(version) AS version FROM "${schema}".patient WHERE id LIKE $1 || '-%'`,
    [prefix],
  );
  return rows[0] as { count: number; version: number };
}
const reached = (prefix: string, count: number) =>
  until(async () => (await stored(prefix)).count >= count, `${count} were stored`);

/** Waits for the end, and expects every line to be dealt with just once. */
async function expectAll(client: Client, job: string, prefix: string): Promise<void> {
  let text = '';
  await until(async () => {
    const answer = await client.send(job).catch(() => undefined);
    text = answer?.text ?? '';
    if (answer !== undefined && answer.status > 202) throw new Error(text);
    return answer?.status === 200;
  }, 'the import ended');
  const { output, error } = JSON.parse(text) as { output: object[]; error: { url: string; count: number }[] };
  expect(output).toMatchObject([{ count: STORED }]);
  expect(error).toMatchObject([{ count: LINES / FAULT_EVERY }]);
  const faults = await client.send(`${job}/errors-1.ndjson`);
  const numbers = [...faults.text.matchAll(/Line (\d+): /g)].map((match) => Number(match[1]));
  expect(numbers).toEqual(Array.from({ length: LINES / FAULT_EVERY }, (_, i) => (i + 1) * FAULT_EVERY));
  expect(await stored(prefix)).toEqual({ count: STORED, version: 1 });
}

async function expectVerified(): Promise<void> {
  const verify = site.verify(site.dataDir(), { env });
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/; 0 differences\n$/),
  ]);
}

test('an import whose server is killed again and again goes on by itself, and stores every line once', async () => {
  const port = await freePort();
  let { server, client } = await serve(port);
  const job = await begin(client, 'killed');
  for (const count of [800, 3_000, 3_100, 7_000]) {
    await reached('killed', count);
    await server.end('SIGKILL');
    ({ server, client } = await serve(port));
  }
  await expectAll(client, job, 'killed');
  await expectVerified();
  expect((await server.end('SIGTERM')).code).toBe(0);
});

test('a server that is told to stop does so in the midst of an import, and the next one goes on', async () => {
  const first = await serve();
  const job = await begin(first.client, 'stopped');
  await reached('stopped', 2_000);
  expect((await first.server.end('SIGTERM')).code).toBe(0);
  const { rows } = await database.query(`SELECT state, checkpoint FROM "${schema}".job WHERE id = $1`, [
    job.slice('_jobs/'.length),
  ]);
  const [{ state, checkpoint }] = rows as [{ state: string; checkpoint: string }];
  // All that was stored was noted: nothing is left to doubt.
  const { count } = await stored('stopped');
  expect([state, JSON.parse(checkpoint)]).toMatchObject(['waiting', { files: [{ stored: count }] }]);
  const next = await serve();
  await expectAll(next.client, job, 'stopped');
  await next.server.end('SIGTERM');
});

test('of two servers one imports, and the other takes over when it is killed', async () => {
  const one = await serve();
  // The first one who asks gets half of it, and waits for the rest.
  source.files.set('shared', (_request, response) => {
    if (source.asked.filter((path) => path === 'shared').length > 1) response.end(textOf('shared'));
    else response.write(textOf('shared', LINES / 2));
  });
  const job = await begin(one.client, 'shared');
  await reached('shared', STORED / 2);
  const other = await serve();
  const progress = async () => (await other.client.send(job)).headers['x-progress'];
  await until(async () => (await progress())?.includes(String(LINES / 2)) === true, 'the other told of it');
  expect(source.asked.filter((path) => path === 'shared')).toHaveLength(1);
  await one.server.end('SIGKILL');
  await expectAll(other.client, job, 'shared');
  await other.server.end('SIGTERM');
});
