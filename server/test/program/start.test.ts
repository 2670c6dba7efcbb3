import { afterAll, expect, test } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from '../../src/store/postgres/embedded/processes.ts';
import { clientOf } from '../acceptance/support/client.ts';
import { freePort, postmasterOf, startSeconds, workshop, type Program } from '../support/program.ts';

const site = workshop();
afterAll(() => site.cleanUp());

const DEMO = { MAXRAY_DEMO: 'true' };
const demoFolder = site.dataDir();
let demoResources = 0;

async function countOf(server: Program, path_: string): Promise<number> {
  const client = clientOf(await server.ready());
  const { status, text } = await client.send(path_);
  client.close();
  expect(status).toBe(200);
  return ((JSON.parse(text) as { entry?: unknown[] }).entry ?? []).length;
}

/** The number of all versions of patients and encounters: it grows when the demo is loaded again. */
const demoVersions = async (server: Program) =>
  (await countOf(server, 'Patient/_history?_count=1000')) +
  (await countOf(server, 'Encounter/_history?_count=1000'));

test('on an empty folder it says what it does, where it is, and a first request that works', async () => {
  const server = site.server(demoFolder, { env: DEMO });
  const url = await server.ready();
  const tried = await server.says(/^Try: {2}curl -H "Authorization: Bearer \$\((.+)\)" '(\S+)'$/m);
  const [, command, target] = tried as unknown as [string, string, string];
  expect(server.stdout()).toMatch(/^making the database in .*postgres$/m);
  expect(server.stdout()).toMatch(/^loading the demo clinic/m);
  demoResources = Number(/demo clinic is loaded: (\d+) resources/.exec(server.stdout())![1]);
  expect(command).toBe(`npm run -s token -- --url ${url}/fhir/R4`);
  const token = site.tool(['token', '--url', `${url}/fhir/R4`], demoFolder);
  expect(await token.exited).toEqual({ code: 0, signal: null });
  const headers = { Authorization: `Bearer ${token.stdout().trim()}` };
  expect((await fetch(target)).status).toBe(401);
  const answer = await fetch(target, { headers });
  expect([answer.status, ((await answer.json()) as { entry: unknown[] }).entry.length]).toEqual([200, 1]);
  expect(target.startsWith(`${url}/fhir/R4/`)).toBe(true);
  const users = JSON.parse(readFileSync(path.join(demoFolder, 'demo-users.json'), 'utf8')) as object[];
  expect(users).toHaveLength(10);
  expect(statSync(path.join(demoFolder, 'demo-users.json')).mode & 0o777).toBe(0o600);
  expect(await (await fetch(`${url}/readyz`)).text()).toBe('ready\n');
  console.error(`first start: ${startSeconds(server)} s with ${demoResources} resources of the demo`);

  const now = new Date().toISOString();
  expect(await countOf(server, `Slot?status=free&start=gt${now}&_count=5`)).toBe(5);
  expect(await countOf(server, `Encounter?date=gt${now}&_count=5`)).toBe(0);

  const versions = await demoVersions(server);
  expect((await server.end('SIGTERM')).code).toBe(0);
  const again = site.server(demoFolder, { env: DEMO });
  expect(await demoVersions(again)).toBe(versions);
  expect(again.stdout()).not.toMatch(/loading the demo|demo user:/);
  console.error(`restart: ${startSeconds(again)} s`);
  expect((await again.end('SIGTERM')).code).toBe(0);
});

test('a demo that was cut off is finished by the next start', async () => {
  const dataDir = site.dataDir();
  const cut = site.server(dataDir, { env: DEMO });
  await cut.says(/loading the demo clinic: \d+ resources/);
  expect((await cut.end('SIGKILL')).signal).toBe('SIGKILL');
  const server = site.server(dataDir, { env: DEMO });
  await server.ready();
  expect(server.stdout()).toContain(`the demo clinic is loaded: ${demoResources} resources`);
  expect(await countOf(server, 'Patient?_count=1000')).toBe(20);
  expect((await server.end('SIGTERM')).code).toBe(0);
  const verify = site.verify(dataDir);
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/; 0 differences\n$/),
  ]);
});

test('without the demo nothing is loaded', async () => {
  const server = site.server(site.dataDir(), { env: { MAXRAY_DEMO: 'false' } });
  expect(await countOf(server, '_history?_count=10')).toBe(0);
  expect((await server.end('SIGTERM')).code).toBe(0);
});

test('SIGTERM while it starts stops it well, and PostgreSQL with it', async () => {
  for (const said of [/making the database/, /migration 1/, /loading the demo clinic/]) {
    const dataDir = site.dataDir();
    const server = site.server(dataDir, { env: DEMO });
    await server.says(said);
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(server.stderr()).toBe('');
    expect(server.stdout()).not.toContain('ready');
    expect(postmasterOf(dataDir)).toBeUndefined();
  }
});

test('while it starts it is alive, not ready, and refuses requests as OperationOutcome', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = site.server(site.dataDir(), { env: { ...DEMO, PORT: new URL(url).port } });
  await server.says(/loading the demo clinic/);
  // The load takes seconds: these three are answered long before its end.
  const [alive, ready, read] = await Promise.all(
    ['/healthz', '/readyz', '/fhir/R4/Patient'].map((target) => fetch(url + target)),
  );
  expect([alive!.status, ready!.status, read!.status]).toEqual([200, 503, 503]);
  expect(read!.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await read!.json()).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'transient' }],
  });
  await server.ready();
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('after SIGKILL of the server PostgreSQL is found and reused, and ends with the next server', async () => {
  const dataDir = site.dataDir();
  const first = site.server(dataDir);
  await first.ready();
  const { pid } = postmasterOf(dataDir)!;
  await first.end('SIGKILL');
  expect(postmasterOf(dataDir)?.pid).toBe(pid);
  const second = site.server(dataDir);
  await second.ready();
  expect(postmasterOf(dataDir)?.pid).toBe(pid);
  expect((await second.end('SIGTERM')).code).toBe(0);
  expect(postmasterOf(dataDir)).toBeUndefined();
  expect(isAlive(pid)).toBe(false);
});
