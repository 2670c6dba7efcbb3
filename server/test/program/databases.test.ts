import { afterAll, describe, expect, test } from '@jest/globals';
import { clientOf } from '../acceptance/support/client.ts';
import { hasDebianPostgres, startDebianPostgres } from '../support/debianPostgres.ts';
import { postmasterOf, workshop } from '../support/program.ts';

const site = workshop();
afterAll(() => site.cleanUp());

interface Bundle {
  entry: { resource: { id: string; meta: { versionId: string } } }[];
}

/** Writes, finds and verifies with a server in the given environment; it then goes on where it was after a restart. */
async function work(dataDir: string, env: Record<string, string>): Promise<void> {
  const first = site.server(dataDir, { env });
  let client = clientOf(await first.ready());
  const body = { resourceType: 'Patient', name: [{ family: 'Anderssen' }], birthDate: '1950-01-02' };
  const created = await client.send('Patient', { method: 'POST', body });
  expect(created.status).toBe(201);
  const { id } = JSON.parse(created.text) as { id: string };
  const updated = await client.send(`Patient/${id}`, {
    method: 'PUT',
    body: { ...body, id, gender: 'female' },
  });
  expect([updated.status, updated.headers.etag]).toEqual([200, 'W/"2"']);
  client.close();
  expect((await first.end('SIGTERM')).code).toBe(0);

  const second = site.server(dataDir, { env });
  client = clientOf(await second.ready());
  const found = JSON.parse((await client.send('Patient?family=anders')).text) as Bundle;
  expect(found.entry.map(({ resource }) => resource.id)).toEqual([id]);
  const history = JSON.parse((await client.send(`Patient/${id}/_history`)).text) as Bundle;
  expect(history.entry.map(({ resource }) => resource.meta.versionId)).toEqual(['2', '1']);
  expect((await client.send(`Patient/${id}/_history/1`)).text).toBe(created.text);
  client.close();
  const verify = site.verify(dataDir, { env });
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/\n1 resources, 2 versions, \d+ index rows; 0 differences\n$/),
  ]);
  expect((await second.end('SIGTERM')).code).toBe(0);
}

describe('the program works on', () => {
  test('the embedded PostgreSQL, whose store can also be verified while no server runs', async () => {
    const dataDir = site.dataDir();
    await work(dataDir, {});
    const verify = site.verify(dataDir);
    expect([(await verify.exited).code, verify.stdout()]).toEqual([
      0,
      expect.stringMatching(/; 0 differences\n$/),
    ]);
    expect(postmasterOf(dataDir)).toBeUndefined();
  });

  if (hasDebianPostgres('the program on DATABASE_URL'))
    test("Debian's PostgreSQL 15 by DATABASE_URL, and starts none of its own", async () => {
      const postgres = await startDebianPostgres();
      const dataDir = site.dataDir();
      await work(dataDir, { DATABASE_URL: postgres.url }).finally(postgres.stop);
      expect(postmasterOf(dataDir)).toBeUndefined();
    });
});
