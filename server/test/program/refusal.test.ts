import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { Client } from 'pg';
import { fetchSignedIn } from '../support/administrator.ts';
import { hasDebianPostgres, startDebianPostgres } from '../support/debianPostgres.ts';
import { freePort, postmasterOf, workshop, type Program } from '../support/program.ts';

const site = workshop();
afterAll(() => site.cleanUp());

/** It ended with code 1 and one line that says what is wrong, and nothing of how the program is made. */
async function expectRefusal(server: Program, told: RegExp): Promise<void> {
  const { code } = await server.exited;
  expect(server.stderr()).toMatch(/^MaxRay cannot start: [^\n]+\n$/);
  expect(server.stderr()).toMatch(told);
  expect(server.stderr()).not.toMatch(/^ +at /m);
  expect(server.stdout()).not.toContain('ready');
  expect(code).toBe(1);
}

test.each([
  ['PORT', 'http', /PORT is out of its range. It takes: port number/],
  ['HOST', '0.0.0.0', /HOST is not a loopback address/],
  ['PUBLIC_URL', 'ftp://x', /PUBLIC_URL is not such a URL. It takes: http or https URL/],
  ['DATABASE_URL', 'mysql://x/y', /DATABASE_URL is not such a URL. It takes: postgres/],
  ['MAXRAY_DEMO', 'yes', /MAXRAY_DEMO .*true or false/],
  ['SEARCH_TIMEOUT_MS', 'soon', /SEARCH_TIMEOUT_MS .*whole number/],
  ['LOG_LEVEL', 'loud', /LOG_LEVEL .*fatal, error/],
  ['BLOB_URL', 's3://bucket/prefix', /BLOB_URL .*AWS_ACCESS_KEY_ID/],
])('%s=%s is refused', async (name, value, told) => {
  const dataDir = site.dataDir();
  await expectRefusal(site.server(dataDir, { env: { [name]: value } }), told);
  expect(postmasterOf(dataDir)).toBeUndefined();
});

test('files where folders or keys should be are refused', async () => {
  const dataDir = site.dataDir();
  mkdirSync(dataDir);
  const file = path.join(dataDir, 'file');
  writeFileSync(file, 'short');
  await expectRefusal(site.server(file), /MAXRAY_DATA_DIR is .*file, which cannot be made/);
  await expectRefusal(
    site.server(path.join(file, 'below')),
    /MAXRAY_DATA_DIR is .*below, which cannot be made/,
  );
  await expectRefusal(
    site.server(dataDir, { env: { SECRET_KEY_FILE: file } }),
    /SECRET_KEY_FILE has only 5 bytes/,
  );
  const below = path.join(file, 'key');
  await expectRefusal(
    site.server(dataDir, { env: { SECRET_KEY_FILE: below } }),
    /SECRET_KEY_FILE cannot be (made|read) .*ENOTDIR/,
  );
});

test('a port in use is refused before anything is stored, and PostgreSQL ends again', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const dataDir = site.dataDir();
  const server = site.server(dataDir, { env: { PORT: String(port) } });
  await expectRefusal(server, new RegExp(`PORT is ${port}, which another process`));
  expect(server.stdout()).not.toContain('migration');
  expect(postmasterOf(dataDir)).toBeUndefined();
  other.close();
});

test('a data folder in use is refused, and its server is not disturbed', async () => {
  const dataDir = site.dataDir();
  const first = site.server(dataDir);
  const url = await first.ready();
  await expectRefusal(
    site.server(dataDir),
    new RegExp(`data folder ${dataDir} is in use by process ${first.child.pid}.*MAXRAY_DATA_DIR`),
  );
  expect((await fetchSignedIn(`${url}/fhir/R4/Patient`)).status).toBe(200);
  expect((await first.end('SIGTERM')).code).toBe(0);
});

describe('DATABASE_URL', () => {
  const refused = (url: string, told: RegExp) =>
    expectRefusal(site.server(site.dataDir(), { env: { DATABASE_URL: url } }), told);

  test('that does not answer is refused without its password', async () => {
    const port = await freePort();
    const server = site.server(site.dataDir(), {
      env: { DATABASE_URL: `postgres://clinic:geheim@127.0.0.1:${port}/x` },
    });
    await expectRefusal(
      server,
      new RegExp(`DATABASE_URL: cannot use PostgreSQL at 127.0.0.1:${port}.*ECONNREFUSED.*Check`),
    );
    expect(server.stderr() + server.stdout()).not.toContain('geheim');
  });

  if (hasDebianPostgres('refusals of a PostgreSQL by DATABASE_URL')) {
    test('of a PostgreSQL that could lose writes is refused', async () => {
      const postgres = await startDebianPostgres({ fsync: 'off' });
      await refused(postgres.url, /DATABASE_URL: .*fsync = off.*Set fsync = on/).finally(postgres.stop);
    });

    test('with a wrong password, an unknown database or too few rights is refused', async () => {
      const postgres = await startDebianPostgres();
      const admin = new Client(postgres.connection);
      await admin.connect();
      await admin.query(`CREATE ROLE weak LOGIN PASSWORD 'weak'`);
      await admin.end();
      const at = (user: string, database: string) => {
        const url = new URL(postgres.url);
        [url.username, url.password] = user.split(':') as [string, string];
        return `${url.href.slice(0, url.href.lastIndexOf('/'))}/${database}`;
      };
      try {
        await refused(at('clinic:wrong', 'postgres'), /DATABASE_URL: .*password authentication failed/);
        await refused(at('weak:weak', 'nowhere'), /DATABASE_URL: .*database "nowhere" does not exist/);
        await refused(at('weak:weak', 'postgres'), /DATABASE_URL: .*permission denied.*GRANT CREATE/);
      } finally {
        await postgres.stop();
      }
    });
  }
});
