import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import { testConnection } from '../support/postgres.ts';
import { freePort, until, workshop, type Program } from '../support/program.ts';
import {
  found,
  put,
  refusal,
  reindexed,
  reindexReport,
  searchParameter,
} from '../support/searchParameters.ts';
import { urlOf } from '../support/server.ts';

const PATIENTS = 250;
/** In the third batch of a walk. */
const HELD_UP = 220;

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const site = workshop();
const dataDir = site.dataDir();
let env: Record<string, string>;
let database: Postgres;
let client: Client;
let server: Program;

beforeAll(async () => {
  const connection = await testConnection();
  const port = await freePort();
  env = { DATABASE_URL: urlOf(connection), DATABASE_SCHEMA: schema, PORT: String(port), LOG_LEVEL: 'error' };
  database = new Postgres(connection);
  await database.connect();
  server = site.server(dataDir, { env });
  client = clientOf(await server.ready());
});
afterAll(async () => {
  client.close();
  await site.cleanUp();
  await database.query(`DROP SCHEMA "${schema}" CASCADE`);
  await database.end();
});

const idOf = (i: number) => `p${String(i).padStart(3, '0')}`;
const standing = async () => reindexReport(await client.send('$reindex')).types.Patient!;

/** Runs `work` while nobody can write a resource, so that the walk comes to a halt before it. */
async function heldUp(i: number, work: () => Promise<void>): Promise<void> {
  await database.query('BEGIN');
  await database.query(`SELECT FROM "${schema}".patient WHERE id = $1 FOR UPDATE`, [idOf(i)]);
  try {
    await work();
  } finally {
    await database.query('COMMIT');
  }
}

/** Whether a statement waits for the lock that holds the walk up. */
async function waitsForUs(): Promise<boolean> {
  const { rowCount } = await database.query(
    'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))',
  );
  return rowCount! > 0;
}

async function killAndRestart(): Promise<void> {
  await server.end('SIGKILL');
  server = site.server(dataDir, { env });
  await server.ready();
}

test('a walk that is killed in its midst goes on where it stood, and nobody need ask for it again', async () => {
  const entry = Array.from({ length: PATIENTS }, (_, i) => ({
    resource: {
      resourceType: 'Patient',
      id: idOf(i),
      contact: [{ name: { family: i === 7 ? 'Seven' : 'Other' } }],
    },
    request: { method: 'PUT', url: `Patient/${idOf(i)}` },
  }));
  const body = { resourceType: 'Bundle', type: 'transaction', entry };
  expect((await client.send('', { method: 'POST', body })).status).toBe(200);
  await put(client, searchParameter('nick'));

  let before: Record<string, unknown> = {};
  await heldUp(HELD_UP, async () => {
    await client.send('$reindex', { method: 'POST' });
    await until(async () => (before = await standing()).done === HELD_UP, 'the walk came to a halt');
    await until(waitsForUs, 'the walk waited');
    await killAndRestart();
    expect(await standing()).toEqual(before);
    expect(refusal(await client.send('Patient?nick=seven'))).toMatch(/is not ready/);
    // Writes go on meanwhile, before and behind the place where the walk stands.
    for (const i of [3, 240])
      await put(client, {
        resourceType: 'Patient',
        id: idOf(i),
        contact: [{ name: { family: 'Seven' } }],
      } as never);
  });
  const { types } = await reindexed(client);
  expect(types.Patient).toMatchObject({ done: PATIENTS, total: PATIENTS, started: before.started });
  // Beside the one that was written anew already, each of them was written once.
  expect(types.Patient!.changed).toBe(PATIENTS - 1);
  expect(await found(client, 'Patient?nick=seven')).toEqual([idOf(3), idOf(7), idOf(240)]);
});

test('what is not taken over when the server is killed is taken over at its next start', async () => {
  await put(client, {
    resourceType: 'Patient',
    id: 'late',
    contact: [{ name: { family: 'Late' } }],
  } as never);
  // As if the server had been killed between the write of the resource and what follows it.
  await database.query('BEGIN');
  await database.query(`SELECT FROM "${schema}".index_plan FOR UPDATE`);
  const sent = client.send('SearchParameter/alias', { method: 'PUT', body: searchParameter('alias') }).then(
    ({ status }) => status,
    () => 'no answer',
  );
  await until(async () => {
    const stored = await database.query(`SELECT FROM "${schema}".searchparameter WHERE id = 'alias'`);
    return stored.rowCount === 1;
  }, 'the resource was stored');
  await server.end('SIGKILL');
  expect(await sent).toBe('no answer');
  await database.query('COMMIT');
  server = site.server(dataDir, { env });
  await server.ready();
  expect(refusal(await client.send('Patient?alias=late'))).toMatch(/is not ready/);
  await client.send('$reindex', { method: 'POST' });
  await reindexed(client);
  expect(await found(client, 'Patient?alias=late')).toEqual(['late']);
});

test('a server that is told to stop in the midst of a walk does so, and leaves it to the next', async () => {
  await put(client, searchParameter('alias', { expression: 'Patient.contact.name.family' }));
  await heldUp(HELD_UP, async () => {
    await client.send('$reindex', { method: 'POST' });
    await until(waitsForUs, 'the walk waited');
    const { code } = await server.end('SIGTERM');
    expect(code).toBe(0);
  });
  server = site.server(dataDir, { env });
  await server.ready();
  await reindexed(client);
  expect(await found(client, 'Patient?alias=late')).toEqual(['late']);
  const verify = site.verify(site.dataDir(), { env });
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/; 0 differences\n$/),
  ]);
});
