import { afterAll, expect, test } from '@jest/globals';
import { chownSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { closedFolder, postgresAccount, type Account } from '../../src/store/postgres/embedded/account.ts';
import { fetchSignedIn } from '../support/administrator.ts';
import { SERVER_SCRIPT, postmasterOf, workshop, type ProgramOptions } from '../support/program.ts';

const site = workshop();
afterAll(() => site.cleanUp());

const asRoot = process.getuid?.() === 0;

function accountNamed(name: string): Account {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const fields = lines.find((line) => line.startsWith(`${name}:`))!.split(':');
  return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** Runs a server through its life: made, left by SIGKILL, taken over, verified, stopped. */
async function live(dataDir: string, account: ProgramOptions, postgresUid: number): Promise<void> {
  const first = site.server(dataDir, account);
  const body = JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: 'Anderssen' }] });
  const headers = { 'content-type': 'application/fhir+json' };
  const put = await fetchSignedIn(`${await first.ready()}/fhir/R4/Patient/p`, {
    method: 'PUT',
    headers,
    body,
  });
  expect(put.status).toBe(201);
  const { pid } = postmasterOf(dataDir)!;
  expect(statSync(`/proc/${pid}`).uid).toBe(postgresUid);
  await first.end('SIGKILL');

  const second = site.server(dataDir, account);
  const url = await second.ready();
  expect(postmasterOf(dataDir)!.pid).toBe(pid);
  expect(await (await fetchSignedIn(`${url}/fhir/R4/Patient/p`)).text()).toBe(await put.text());
  const verify = site.verify(dataDir, account);
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/; 0 differences\n$/),
  ]);
  expect((await second.end('SIGTERM')).code).toBe(0);
  expect(postmasterOf(dataDir)).toBeUndefined();
}

test(`as ${asRoot ? 'root, with PostgreSQL as another user' : 'this user'}`, async () => {
  const dataDir = site.dataDir();
  await live(dataDir, {}, postgresAccount()?.uid ?? process.getuid!());
});

if (!asRoot) console.error('not root: the program is tested as this user only');
else {
  const account = accountNamed('nobody');
  const closed =
    closedFolder(path.dirname(SERVER_SCRIPT), account) ?? closedFolder(process.execPath, account);
  if (closed !== undefined && process.env.CI === 'true')
    throw new Error(`the program cannot be tested as an ordinary user: ${closed} is closed to others`);
  if (closed !== undefined)
    console.error(`skipped: the program as an ordinary user; ${closed} is closed to others`);
  else
    test('as an ordinary user, who owns the data folder', async () => {
      const dataDir = site.dataDir();
      mkdirSync(dataDir, { mode: 0o700 });
      chownSync(dataDir, account.uid, account.gid);
      const { uid, gid } = account;
      await live(dataDir, { uid, gid }, uid);
    });
}
