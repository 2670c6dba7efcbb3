import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientFor, signInAs } from '../../../src/cli/signIn.ts';
import { ADMINISTRATOR } from '../../support/administrator.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { folder, load, type Folder } from './support.ts';

let server: TestServer;
let files: Folder;
beforeAll(async () => {
  server = await startTestServer();
  files = await folder();
});
afterAll(async () => {
  await files.remove();
  await server.stop();
});

const ENV = { id: 'from-env', secret: 'secret', file: '/nowhere' };
const patient = { resourceType: 'Patient', id: 'loaded', active: true };

describe('the client to sign in as', () => {
  test('is never sent to another machine unasked', () => {
    expect(clientFor(new URL('https://other.example/fhir'), undefined, ENV)).toBeUndefined();
    expect(clientFor(new URL('http://localhost:1/fhir'), undefined, ENV)?.client_id).toBe('from-env');
  });

  test('comes from a file that is named', async () => {
    const client = { client_id: ADMINISTRATOR.id, client_secret: ADMINISTRATOR.secret };
    const file = await files.write('client.json', JSON.stringify(client));
    const resource = await files.write('patient.json', JSON.stringify(patient));
    const { code } = await load([resource, '--url', `${server.url}/fhir/R4`, '--client', file]);
    expect(code).toBe(0);
    await server.api().get('/Patient/loaded').expect(200);
  });

  test.each([
    ['that is not there', undefined, /cannot be read/],
    ['without a secret', { client_id: 'x' }, /needs client_id and client_secret/],
    ['that the server does not let in', { client_id: 'x', client_secret: 'y' }, /is not let in/],
  ])('a file %s ends the load before it begins', async (_what, content, expected) => {
    const file = content ? await files.write('wrong.json', JSON.stringify(content)) : '/nowhere/c.json';
    const resource = await files.write('patient.json', JSON.stringify(patient));
    const { code, err } = await load([resource, '--url', `${server.url}/fhir/R4`, '--client', file]);
    expect([code, err]).toEqual([2, expect.stringMatching(expected)]);
  });
});

test('where no server answers, the reader is told where one was looked for', async () => {
  const base = new URL('http://127.0.0.1:1/fhir/R4');
  const authorize = signInAs({ client_id: 'x', client_secret: 'y' }, base);
  await expect(authorize()).rejects.toThrow(/^No server answers at http:\/\/127.0.0.1:1 \(.+\): start it/);
});

test('one token serves many requests', async () => {
  const client = { client_id: ADMINISTRATOR.id, client_secret: ADMINISTRATOR.secret };
  const authorize = signInAs(client, new URL(`${server.url}/fhir/R4`));
  const tokens = await Promise.all(Array.from({ length: 20 }, authorize));
  expect(new Set(tokens).size).toBe(1);
});
