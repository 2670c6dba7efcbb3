import { afterAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { auditLayout } from '../../src/audit/layout.ts';
import { journalsIn } from '../audit/support.ts';
import { ADMINISTRATOR, clientAuthorization } from '../support/administrator.ts';
import { until, workshop, type Program } from '../support/program.ts';

const site = workshop();
afterAll(() => site.cleanUp());

const READS = 20;
/** Stands in a resource, and must in no line of the server's output. */
const FAMILY = 'Plantedfamilyname';
const PASSWORD = 'planted-password-value';

interface Signed {
  url: string;
  ask(path: string, init?: RequestInit): Promise<Response>;
}

async function signedIn(server: Program): Promise<Signed> {
  const url = await server.ready();
  const authorization = await clientAuthorization(url, ADMINISTRATOR);
  const ask: Signed['ask'] = (where, init = {}) =>
    fetch(`${url}/fhir/R4/${where}`, {
      ...init,
      headers: { 'Content-Type': 'application/fhir+json', ...init.headers, Authorization: authorization },
    });
  return { url, ask };
}

interface Bundle {
  entry?: { resource: { subtype: { code: string }[]; recorded: string } }[];
}

async function events({ ask }: Signed, query: string): Promise<string[]> {
  const answer = await ask(`AuditEvent?${query}&_count=1000`);
  const { entry = [] } = (await answer.json()) as Bundle;
  return entry.map(({ resource }) => resource.subtype[0]!.code);
}

test('what was answered is in the log, once, also when the server is killed at once', async () => {
  const dataDir = site.dataDir();
  const first = site.server(dataDir);
  const before = await signedIn(first);
  const patient = { resourceType: 'Patient', id: 'p', name: [{ family: FAMILY }] };
  expect((await before.ask('Patient/p', { method: 'PUT', body: JSON.stringify(patient) })).status).toBe(201);
  const answers = Array.from({ length: READS }, () => before.ask('Patient/p'));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(READS).fill(200));
  await first.end('SIGKILL');
  expect(journalsIn(dataDir)).toHaveLength(1);

  const second = site.server(dataDir);
  const after = await signedIn(second);
  await until(async () => (await events(after, 'patient=p')).length > READS, 'the journal is moved');
  const kinds = await events(after, 'patient=p');
  expect(kinds.filter((kind) => kind === 'read')).toHaveLength(READS);
  expect(kinds.filter((kind) => kind === 'update')).toHaveLength(1);

  // A stop seals all that there is; the next start goes on from there.
  expect((await second.end('SIGTERM')).code).toBe(0);
  expect(journalsIn(dataDir)).toEqual([]);
  const verified = site.tool(['audit', 'verify'], dataDir, {});
  expect(await verified.exited).toMatchObject({ code: 0 });
  expect(verified.stdout()).toContain('; 0 not sealed yet');
  const third = await signedIn(site.server(dataDir));
  const STOP = '110121';
  await until(async () => (await events(third, `subtype=${STOP}`)).length === 1, 'the stop is in the log');
  expect(await events(third, 'subtype=110120')).toHaveLength(3);
});

test('the output of the server has no secret, no name, and nothing else that was sent', async () => {
  const dataDir = site.dataDir();
  const server = site.server(dataDir, { env: { LOG_LEVEL: 'debug', AUDIT: 'strict' } });
  const { url, ask } = await signedIn(server);
  const body = JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: FAMILY }] });
  const statuses = [
    await ask('Patient/p', { method: 'PUT', body }),
    await ask(`Patient?name=${FAMILY}&password=${PASSWORD}`),
    await ask(`Patient?name=${FAMILY}`),
    await ask('Patient', { method: 'POST', body: `{"resourceType":"Patient","gender":"${FAMILY}"}` }),
    await ask(`Patient/${FAMILY}`),
    await ask(`${FAMILY}/${PASSWORD}`),
    await fetch(`${url}/fhir/R4/Patient`, { headers: { Authorization: `Bearer ${PASSWORD}` } }),
    await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'client_credentials', client_id: ADMINISTRATOR.id },
        client_secret: PASSWORD,
      }),
    }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([201, 400, 200, 400, 404, 404, 401, 401]);
  await server.end('SIGTERM');
  const output = server.stdout() + server.stderr();
  for (const word of [FAMILY, PASSWORD, ADMINISTRATOR.secret]) expect(output).not.toContain(word);
  // What opens something is not in the copies of the log outside of the database either.
  const { folder } = auditLayout(dataDir);
  const copies = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
  for (const word of [PASSWORD, ADMINISTRATOR.secret]) expect(copies).not.toContain(word);
});
