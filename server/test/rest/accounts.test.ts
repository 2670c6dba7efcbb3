import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../support/program.ts';
import { People, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { storeState, type StoreState } from './erase/storeState.ts';

let server: TestServer;
let state: StoreState;
let people: People;
let ann: Person;

const FHIR = 'application/fhir+json';
const TABLES = [
  ['identity_secret', 'owner', 'User/ann'],
  ['identity_credential', 'account', 'ann'],
  ['identity_artifact', 'account', 'ann'],
] as const;

beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  server = await startTestServer({ databaseSchema });
  state = await storeState(databaseSchema);
  people = new People(server);
  await people.prepare();
  await people.put({ resourceType: 'Practitioner', id: 'ann', name: [{ family: 'Ann' }] });
  await people.policy('everything', [{ resourceType: '*' }]);
  ann = await people.person('ann', { profile: 'Practitioner/ann', policies: ['everything'] });
});
afterAll(async () => {
  await state.close();
  await server.stop();
});

const call = (operation: string, authorization = server.authorization) =>
  server
    .api()
    .post(`/User/ann/$${operation}`)
    .set({ Authorization: authorization, 'Content-Type': FHIR })
    .send('{"resourceType":"Parameters"}');

/** A row for each kind of second factor; nobody could use these. */
const addFactors = () =>
  state.query(
    `INSERT INTO SCHEMA.identity_credential (hash, account, kind, value)
     SELECT sha256(convert_to(k, 'UTF8')), 'ann', k, '' FROM unnest(ARRAY['totp', 'passkey', 'recovery-code', 'external']) k
     ON CONFLICT DO NOTHING`,
  );

async function rows(table: string, column: string, value: string): Promise<number> {
  const found = await state.query(
    `SELECT count(*)::integer AS count FROM SCHEMA.${table} WHERE ${column} = $1`,
    [value],
  );
  return found[0]!.count as number;
}

const status = async (authorization: string) =>
  (await server.api().get('/Practitioner/ann').set('Authorization', authorization)).status;

test('administrators remove second factors of somebody who has lost them, and all sessions end', async () => {
  await addFactors();
  const token = await people.authorization(ann);
  expect((await call('reset-second-factors', token)).status).toBe(403);
  expect(await rows('identity_credential', 'account', 'ann')).toBe(4);
  const answer = await call('reset-second-factors');
  expect([answer.status, answer.text]).toEqual([204, '']);
  const left = await state.query(`SELECT kind FROM SCHEMA.identity_credential WHERE account = 'ann'`);
  expect(left).toEqual([{ kind: 'external' }]);
  expect(await status(token)).toBe(401);
  await until(async () => {
    const { text } = await server.api().get('/AuditEvent?subtype=110137&_count=100');
    return text.includes('User/ann/$reset-second-factors');
  }, 'it is in the log');
});

test('without a mail server no address is verified, and only administrators ask', async () => {
  const answer = await call('send-verification');
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([422, expect.stringContaining('SMTP_URL')]);
  expect((await call('send-verification', await people.authorization(ann))).status).toBe(403);
});

test('who is deleted leaves nothing that proves anything', async () => {
  await addFactors();
  const token = await people.authorization(ann);
  for (const [table, column, value] of TABLES)
    expect([table, (await rows(table, column, value)) > 0]).toEqual([table, true]);
  expect((await server.api().delete('/User/ann')).status).toBe(204);
  for (const [table, column, value] of TABLES)
    expect([table, await rows(table, column, value)]).toEqual([table, 0]);
  expect(await status(token)).toBe(401);
  await people.put({
    resourceType: 'User',
    id: 'ann',
    firstName: 'ann',
    lastName: 'Other',
    email: ann.email,
  });
  await expect(people.authorization(ann)).rejects.toThrow('no code');
});

test('a client that is deleted leaves no secret', async () => {
  const token = await people.client('app', { profile: 'Practitioner/ann', policies: ['everything'] });
  expect(await rows('identity_secret', 'owner', 'ClientApplication/app')).toBe(1);
  const entry = [{ request: { method: 'DELETE', url: 'ClientApplication/app' } }];
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  expect((await server.api().post('/').set('Content-Type', FHIR).send(body)).status).toBe(200);
  expect(await rows('identity_secret', 'owner', 'ClientApplication/app')).toBe(0);
  expect(await rows('identity_artifact', 'client', 'app')).toBe(0);
  expect(await status(token)).toBe(401);
});

test('the entry page leads to the page of the account', async () => {
  const page = await (await fetch(server.url)).text();
  const url = /Your account: (\S+)/.exec(page)![1]!;
  expect(url).toBe(`${server.url}/oauth2/account`);
  const account = await fetch(url);
  // Who has not signed in is told to do so, by a page.
  expect([account.status, account.headers.get('content-type')]).toEqual([
    400,
    expect.stringContaining('text/html'),
  ]);
});
