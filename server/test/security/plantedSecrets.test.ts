import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { Client } from 'pg';
import { pino } from 'pino';
import request from 'supertest';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/main.ts';
import { Browser } from '../identity/browser.ts';
import { TestAuditLog } from '../rest/audit/auditLog.ts';
import { ADMINISTRATOR, clientAuthorization } from '../support/administrator.ts';
import { testConnection } from '../support/postgres.ts';
import { People, type Person } from '../support/people.ts';
import { until } from '../support/program.ts';
import { removeFolder } from '../support/removeFolder.ts';
import { urlOf, type TestServer } from '../support/server.ts';
import { FHIR } from '../rest/support.ts';

/** What must stand nowhere: by what it is. */
const secrets = new Map<string, string>();
const planted = (what: string, value: string = randomUUID()): string => {
  secrets.set(what, value);
  return value;
};
/** What only records and those who may see them have. */
const PATIENT = 'Zwetschkenknoedel';

const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
const dataDir = mkdtempSync(path.join(tmpdir(), 'maxray-planted-'));
const logged: string[] = [];
const errors: string[] = [];
let server: TestServer;
let people: People;
let person: Person;
beforeAll(async () => {
  const config = {
    ...readConfig({}),
    port: 0,
    databaseUrl: urlOf(await testConnection()),
    databaseSchema,
    dataDir,
    demo: false,
    roles: false,
    dicom: 'off' as const,
    adminClientId: ADMINISTRATOR.id,
    adminClientSecret: ADMINISTRATOR.secret,
    logLevel: 'debug',
  };
  const into = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  });
  const running = await startServer(config, pino({ level: 'debug' }, into), (line) => void logged.push(line));
  planted('the secret of the first client', ADMINISTRATOR.secret);
  const authorization = await clientAuthorization(running.url, ADMINISTRATOR);
  planted('an access token', authorization.slice('Bearer '.length));
  server = {
    ...running,
    authorization,
    api: () => request.agent(`${running.url}/fhir/R4`).set('Authorization', authorization),
  };
  people = new People(server);
  await people.prepare('maxray-patient');
  await people.put({ resourceType: 'Patient', id: 'ann', name: [{ family: PATIENT }] });
  person = await people.person('ann', { profile: 'Patient/ann', policies: ['maxray-patient'] });
  planted('a password', person.password);
});
afterAll(async () => {
  await server.stop();
  removeFolder(dataDir);
});

/** Keeps what an answer says that is no success. */
const noted = (answer: request.Response): request.Response => {
  if (answer.status >= 400) errors.push(`${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`);
  return answer;
};
const oauth = async (
  form: Record<string, string>,
  headers: Record<string, string> = {},
  endpoint = 'token',
) => noted(await request(server.url).post(`/oauth2/${endpoint}`).set(headers).type('form').send(form));
const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

describe('requests with secrets, of which many fail', () => {
  test('at the token endpoint and others', async () => {
    const wrong = planted('a wrong client secret');
    await oauth({ grant_type: 'client_credentials' }, basic(ADMINISTRATOR.id, wrong));
    await oauth({
      grant_type: 'client_credentials',
      client_id: 'nobody',
      client_secret: planted('a secret in a form'),
    });
    await oauth({
      grant_type: 'password',
      username: person.email,
      password: planted('a password in a form'),
    });
    await oauth({
      grant_type: 'authorization_code',
      code: planted('a code'),
      code_verifier: planted('a verifier'),
    });
    await oauth({
      grant_type: 'refresh_token',
      client_id: 'first-party-app',
      refresh_token: planted('a refresh token'),
    });
    await oauth({ token: planted('an introspected token') }, basic(ADMINISTRATOR.id, wrong), 'introspect');
    await oauth({ token: planted('a revoked token'), client_id: 'nobody' }, {}, 'revoke');
    const jwt = planted('an assertion', `e30.${Buffer.from('{}').toString('base64url')}.${'a'.repeat(40)}`);
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    await oauth({ grant_type: 'client_credentials', client_assertion: jwt, client_assertion_type: type });
    expect(errors.length).toBeGreaterThanOrEqual(6);
  });

  test('on pages', async () => {
    const browser = new Browser(server.url, server.url);
    await browser.open(`${server.url}/oauth2/account`);
    await browser.submit({ email: person.email, password: planted('a wrong password'), action: 'sign-in' });
    expect(browser.text).toContain('wrong');
    await browser.submit({
      email: planted('a password typed as an address'),
      password: 'x',
      action: 'sign-in',
    });
    await browser.open(`${server.url}/oauth2/link?token=${planted('a link')}`);
    const tokens = await people.tokens(person, 'openid user/*.rs offline_access');
    planted('the access token of a user', tokens.access_token);
    planted('the refresh token of a user', tokens.refresh_token);
    planted('an id_token', tokens.id_token);
    const again = {
      grant_type: 'refresh_token',
      client_id: 'first-party-app',
      refresh_token: tokens.refresh_token!,
    };
    for (let i = 0; i < 2; i++) await oauth(again);
  });

  test('at the FHIR base', async () => {
    const root = () => request(`${server.url}/fhir/R4`);
    const bad = planted('a bad access token', `${randomUUID()}${randomUUID()}`);
    noted(await root().get('/Patient/ann').set('Authorization', `Bearer ${bad}`));
    noted(await root().get(`/Patient?access_token=${planted('a token in a URL')}`));
    noted(await server.api().get(`/Patient?client_secret=${planted('a secret in a URL')}`));
    noted(
      await root()
        .get('/metrics')
        .set('Cookie', `maxray_session=${planted('a cookie')}`),
    );
    noted(await request(server.url).get('/auth/me').set('Authorization', `Bearer ${bad}x`));
    noted(
      await server
        .api()
        .post(`/User/ann/$set-password`)
        .send(parameters('password', planted('a short one', 'Qx7!z'))),
    );
    const password = planted('a password that an administrator sets');
    noted(await server.api().post(`/User/nobody/$set-password`).send(parameters('password', password)));
    noted(await server.api().post(`/User/ann/$set-password`).send(parameters('passwort', password)));
    const user = {
      resourceType: 'User',
      id: 'eve',
      firstName: 'E',
      lastName: 'V',
      email: 'eve@clinic.example',
    };
    const hash = planted('a hash in a resource');
    noted(
      await server
        .api()
        .put('/User/eve')
        .send({ ...user, passwordHash: hash, mfaSecret: hash }),
    );
    noted(
      await server
        .api()
        .put('/User/eve')
        .send({ ...user, passwordHash: hash, unknown: true }),
    );
    const secret = planted('a secret in a resource');
    noted(
      await server
        .api()
        .put('/ClientApplication/eve')
        .send({ resourceType: 'ClientApplication', id: 'eve', secret }),
    );
    const { body } = await server
      .api()
      .post('/ClientApplication/eve/$rotate-secret')
      .send({ resourceType: 'Parameters' });
    planted(
      'a secret that was made',
      (body as { parameter: { valueString: string }[] }).parameter[0]!.valueString,
    );
    const { text } = await server.api().get('/User/eve');
    expect(text).not.toContain(hash);
  });

  test('with the name of a patient in what is wrong', async () => {
    const bodies = [
      `{"resourceType":"Patient","name":[{"family":"${PATIENT}"`,
      JSON.stringify({ resourceType: 'Patient', name: [{ family: PATIENT, wrong: PATIENT }] }),
      JSON.stringify({ resourceType: 'Patient', name: PATIENT }),
      JSON.stringify({ resourceType: 'Patient', birthDate: PATIENT, gender: PATIENT }),
      JSON.stringify({
        resourceType: 'Patient',
        contact: [{ name: { family: PATIENT }, period: { start: PATIENT } }],
      }),
    ];
    for (const body of bodies) {
      const answer = await server.api().put('/Patient/ann').set('Content-Type', FHIR).send(body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      noted(answer);
    }
    const xml = `<Patient xmlns="http://hl7.org/fhir"><name><family value="${PATIENT}"></Patient>`;
    noted(await server.api().post('/Patient').set('Content-Type', 'application/fhir+xml').send(xml));
    const patch = [{ op: 'test', path: '/name/0/family', value: `${PATIENT}x` }];
    noted(
      await server
        .api()
        .patch('/Patient/ann')
        .set('Content-Type', 'application/json-patch+json')
        .send(JSON.stringify(patch)),
    );
  });
});

const parameters = (name: string, valueString: string) => ({
  resourceType: 'Parameters',
  parameter: [{ name, valueString }],
});

/** What of the secrets stands in a text. */
const foundIn = (text: string): string[] =>
  [...secrets].filter(([, value]) => text.includes(value)).map(([what]) => what);

test('no log has one of them, nor a name', () => {
  expect(logged.length).toBeGreaterThan(0);
  const text = logged.join('');
  expect(foundIn(text)).toEqual([]);
  expect(text).not.toContain(PATIENT);
});

test('no record of the audit log has one of them', async () => {
  const last = randomUUID();
  await server.api().get(`/Patient/${last}`).expect(404);
  const log = await TestAuditLog.open(databaseSchema);
  try {
    const all = () => log.all();
    await until(
      async () => (await all()).some(({ resources }) => resources.includes(`Patient/${last}`)),
      'all is moved',
    );
    const text = JSON.stringify(await all());
    expect(text).toContain('token-refused');
    expect(foundIn(text)).toEqual([]);
    expect(text).not.toContain(PATIENT);
  } finally {
    await log.close();
  }
});

test('no answer that is no success has one of them', () => {
  expect(errors.length).toBeGreaterThan(15);
  const told = errors.flatMap((text) => foundIn(text).map((what) => `${what}: ${text.slice(0, 600)}`));
  expect(told).toEqual([]);
});

test('no table has one of them', async () => {
  const database = new Client(await testConnection());
  await database.connect();
  try {
    const { rows } = await database.query('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1', [
      databaseSchema,
    ]);
    const names = (rows as { name: string }[]).map(({ name }) => name);
    expect(names).toContain('identity_artifact');
    const found: string[] = [];
    for (const name of names) {
      const table = `"${databaseSchema}"."${name}"`;
      const { rows: all } = await database.query(`SELECT t::text AS row FROM ${table} t`);
      // Bytes are shown in hexadecimal: as such a secret in clear would stand there.
      const text = (all as { row: string }[]).map(({ row }) => row).join('\n');
      const hexadecimal = [...secrets].filter(([, value]) =>
        text.includes(Buffer.from(value).toString('hex')),
      );
      found.push(
        ...[...foundIn(text), ...hexadecimal.map(([what]) => what)].map((what) => `${name}: ${what}`),
      );
    }
    expect(found).toEqual([]);
  } finally {
    await database.end();
  }
});
