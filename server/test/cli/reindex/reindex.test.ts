import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import type { RunningServer } from '../../../src/main.ts';
import { clientOf, type Client } from '../../acceptance/support/client.ts';
import { testConnection } from '../../support/postgres.ts';
import { workshop } from '../../support/program.ts';
import { found, put, reindexed, reindexReport, searchParameter } from '../../support/searchParameters.ts';
import { startTestServer, urlOf } from '../../support/server.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const site = workshop();
let database: Postgres;
let env: Record<string, string>;
let server: RunningServer;
let client: Client;

beforeAll(async () => {
  const connection = await testConnection();
  env = { DATABASE_URL: urlOf(connection), DATABASE_SCHEMA: schema };
  database = new Postgres(connection);
  await database.connect();
  await start();
  for (let i = 0; i < 3; i++)
    await put(client, {
      resourceType: 'Patient',
      id: `p${i}`,
      contact: [{ name: { family: `C${i}` } }],
    } as never);
});
afterAll(async () => {
  await stop();
  await site.cleanUp();
  await database.query(`DROP SCHEMA "${schema}" CASCADE`);
  await database.end();
});

async function start(): Promise<void> {
  server = await startTestServer({ databaseSchema: schema, publicUrl: 'http://127.0.0.1:8103' });
  client = clientOf(server.url);
}
async function stop(): Promise<void> {
  client.close();
  await server.stop();
}

async function run(program: 'reindex' | 'verify', ...args: string[]) {
  const dataDir = site.dataDir();
  const started = program === 'verify' ? site.verify(dataDir, { env }) : site.reindex(args, dataDir, { env });
  const { code } = await started.exited;
  return { code, lines: started.stdout().trimEnd().split('\n') };
}

test('without a server it completes the index by itself; verify tells before what it waits for', async () => {
  await put(client, searchParameter('nick'));
  await put(client, searchParameter('wrong', { expression: 'Patient.nothing' }));
  await stop();
  const before = await run('verify');
  expect(before.code).toBe(1);
  expect(before.lines).toContain(
    'the search parameters of Patient have changed: until npx maxray reindex is done, their index rows differ',
  );
  expect(await run('reindex')).toEqual({
    code: 0,
    lines: [
      'Patient: 3 of 3',
      expect.stringMatching(/^SearchParameter\/wrong is not used: /),
      '3 resources looked at, the rows of 3 rewritten; 0 types are not complete',
    ],
  });
  const after = await run('verify');
  expect([after.code, after.lines.at(-1)]).toEqual([0, expect.stringContaining('; 0 differences')]);
  await start();
  expect(await found(client, 'Patient?nick=c1')).toEqual(['p1']);
});

test('beside a server they do it together, and both know of it', async () => {
  await put(client, searchParameter('nick', { expression: 'Patient.contact.name.family' }));
  await client.send('$reindex', { method: 'POST' });
  const { code, lines } = await run('reindex');
  expect([code, lines.at(-1)]).toEqual([0, expect.stringContaining('; 0 types are not complete')]);
  await reindexed(client);
  expect(await found(client, 'Patient?nick=c2')).toEqual(['p2']);
});

test('--all repairs what nothing is known of', async () => {
  await database.query(`DELETE FROM "${schema}".patient_strings`);
  expect((await run('reindex')).lines.at(-1)).toMatch(/; 0 types are not complete$/);
  expect((await run('verify')).code).toBe(1);
  expect((await run('reindex', '--all')).code).toBe(0);
  expect((await run('verify')).code).toBe(0);
});

test('what cannot be indexed ends it with 1, and is named', async () => {
  await database.query(
    `UPDATE "${schema}".patient SET content = replace(content, '"Patient"', '"Passenger"') WHERE id = 'p1'`,
  );
  const { code, lines } = await run('reindex', '--all');
  expect([code, lines.slice(-2)]).toEqual([
    1,
    [
      'Patient is not complete: Patient/p1 cannot be indexed (FhirError)',
      expect.stringMatching(/; 1 types are not complete$/),
    ],
  ]);
  const { types } = reindexReport(await client.send('$reindex'));
  expect([types.Patient!.status, types.SearchParameter!.status]).toEqual(['running', 'complete']);
  await database.query(
    `UPDATE "${schema}".patient SET content = replace(content, '"Passenger"', '"Patient"') WHERE id = 'p1'`,
  );
  // Whatever the server beside it has told of a try that it began before.
  expect((await run('reindex')).code).toBe(0);
});

test('it takes no other arguments', async () => {
  const { code, lines } = await run('reindex', 'Patient');
  expect([code, lines]).toEqual([2, [expect.stringContaining('--all only')]]);
});
