import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { channelOf, readRevocation, type Revocation } from '../../../src/store/identity/revocation.ts';
import { RevocationListener } from '../../../src/store/identity/revocationListener.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

let testing: TestDatabase;
beforeAll(async () => {
  testing = await testDatabase();
});
afterAll(() => testing.close());

const send = (text: string, values: unknown[] = []) => testing.database.write({ name: '', text, values });
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come true within 20 s');
    await sleep(10);
  }
}

test('hears what is revoked; is not trusted while it is cut off, and knows that it may have missed something', async () => {
  const { connection, schema } = testing;
  const heard: Revocation[] = [];
  let gaps = 0;
  const listener = new RevocationListener({
    connection,
    schema,
    onRevoked: (revocation) => heard.push(revocation),
    onGap: () => (gaps += 1),
    log: () => undefined,
  });
  expect(listener.trusted()).toBe(false);
  await listener.start();
  try {
    expect([listener.trusted(), gaps]).toEqual([true, 1]);
    await send('SELECT pg_notify($1, $2)', [channelOf(schema), 'grant g1']);
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ kind: 'grant', value: 'g1' }]);
    await send('SELECT pg_notify($1, $2)', [channelOf(schema), 'what a later release says']);
    await until(() => gaps === 2);

    const { rows } = await send(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = $1 OR query = 'SELECT 1' AND application_name = 'maxray-read'`,
      [`LISTEN "${channelOf(schema)}"`],
    );
    expect(rows.length).toBeGreaterThan(0);
    await until(() => gaps === 3);
    await until(() => listener.trusted());
    await send('SELECT pg_notify($1, $2)', [channelOf(schema), 'client c']);
    await until(() => heard.length === 2);
  } finally {
    await listener.stop();
  }
  expect(listener.trusted()).toBe(false);
});

test('where nobody answers, it is not trusted, and starting does not fail', async () => {
  const warnings: string[] = [];
  const listener = new RevocationListener({
    connection: 'postgresql://nobody@127.0.0.1:1/nothing',
    schema: 'maxray',
    onRevoked: () => undefined,
    onGap: () => undefined,
    log: (_level, message) => warnings.push(message),
  });
  await listener.start();
  expect(listener.trusted()).toBe(false);
  expect(warnings[0]).toContain('revocations of tokens cannot be heard');
  await listener.stop();
});

test.each(['token ab', 'account 1', 'client x y'])('reads %s', (text) => {
  expect(readRevocation(text)).toEqual({
    kind: text.split(' ')[0],
    value: text.slice(text.indexOf(' ') + 1),
  });
});
test.each(['', 'token', 'other 1', 'grant '])('does not read "%s"', (text) => {
  expect(readRevocation(text)).toBeUndefined();
});
