import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { Client } from 'pg';
import { clientOf } from '../acceptance/support/client.ts';
import { storeState, type StoreState } from '../rest/erase/storeState.ts';
import { testConnection } from '../support/postgres.ts';
import { until, workshop } from '../support/program.ts';
import { urlOf } from '../support/server.ts';

const site = workshop();
const schema = `test_${randomUUID().replaceAll('-', '')}`;
let state: StoreState | undefined;
let holder: Client | undefined;
afterAll(async () => {
  await holder?.end();
  await site.cleanUp();
  await state?.close();
});

const EACH = 30;
const TYPES = ['Condition', 'Observation'];
const PLANTED = 'plantedbeforeakill';
const subject = { reference: 'Patient/zz-killed' };

const resources = [
  { resourceType: 'Patient', id: 'zz-killed', name: [{ family: PLANTED }] },
  ...TYPES.flatMap((resourceType) =>
    Array.from({ length: EACH }, (_, i) => ({
      resourceType,
      id: `zz-killed-${i}`,
      ...(resourceType === 'Observation' && { status: 'final' }),
      code: { text: `${PLANTED} ${i}` },
      subject,
    })),
  ),
];

type Ask = ReturnType<typeof clientOf>;

async function counts(client: Ask): Promise<number[]> {
  const totals = TYPES.map(async (type) => {
    const { text } = await client.send(`${type}?subject=${subject.reference}&_summary=count`);
    return (JSON.parse(text) as { total: number }).total;
  });
  return Promise.all(totals);
}

const erase = (client: Ask) =>
  client.send('Patient/zz-killed/$erase', {
    method: 'POST',
    body: { resourceType: 'Parameters', parameter: [{ name: 'reason', valueString: 'asked for' }] },
  });

test('an erasure that a kill cuts off has done nothing, and the same request completes it', async () => {
  const connection = await testConnection();
  const env = { DATABASE_URL: urlOf(connection), DATABASE_SCHEMA: schema };
  const dataDir = site.dataDir();
  mkdirSync(dataDir);
  const first = site.server(dataDir, { env });
  let client = clientOf(await first.ready());
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const loaded = await client.send('', {
    method: 'POST',
    body: { resourceType: 'Bundle', type: 'transaction', entry },
  });
  expect(loaded.status).toBe(200);
  state = await storeState(schema);

  // Somebody has the last resources of the last type, so that the erasure waits when it has done most of its work.
  holder = new Client(typeof connection === 'string' ? { connectionString: connection } : connection);
  await holder.connect();
  await holder.query(`BEGIN`);
  await holder.query(`SELECT 1 FROM "${schema}".observation FOR UPDATE`);
  const cutOff = erase(client).catch(() => undefined);
  const waiting = `SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND a.query LIKE '%"${schema}"%observation%FOR UPDATE%'`;
  await until(async () => (await state!.query(waiting)).length > 0, 'the erasure waits');
  const conditions = `SELECT count(*)::integer AS count FROM SCHEMA.condition`;
  expect(await state.query(conditions)).toEqual([{ count: EACH }]);
  expect(await counts(client)).toEqual([EACH, EACH]);
  await first.end('SIGKILL');
  await cutOff;
  client.close();
  await holder.query('ROLLBACK');

  const second = site.server(dataDir, { env });
  client = clientOf(await second.ready());
  expect(await counts(client)).toEqual([EACH, EACH]);
  expect((await erase(client)).status).toBe(200);
  expect(await counts(client)).toEqual([0, 0]);
  expect(await state.findAll([PLANTED])).toEqual([]);
  client.close();
  await second.end('SIGTERM');
  const verify = site.verify(dataDir, { env });
  expect([(await verify.exited).code, verify.stdout()]).toEqual([
    0,
    expect.stringMatching(/; 0 differences\n$/),
  ]);
  const log = site.tool(['audit', 'verify'], dataDir, { env });
  expect([(await log.exited).code, log.stdout()]).toEqual([
    0,
    expect.stringContaining('as they were sealed'),
  ]);
});
