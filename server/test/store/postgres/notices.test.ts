import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Notices } from '../../../src/store/postgres/notices.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/program.ts';

let testing: TestDatabase;
beforeAll(async () => {
  testing = await testDatabase();
});
afterAll(() => testing.close());

const send = (text: string, values: unknown[] = []) => testing.database.write({ name: '', text, values });
const notify = (channel: string, text: string) => send('SELECT pg_notify($1, $2)', [channel, text]);

/** What somebody hears. */
function ear() {
  const heard: string[] = [];
  const ear = {
    heard,
    gaps: 0,
    onNotice: (text: string) => void heard.push(text),
    onGap: () => void ear.gaps++,
  };
  return ear;
}

test('hears its channels on one connection; is not trusted while it is cut off, and says that something may have been missed', async () => {
  const { connection, schema } = testing;
  const [one, two] = [`one_${schema}`, `two_${schema}`];
  const notices = new Notices({ connection, log: () => undefined });
  const [early, late, again] = [ear(), ear(), ear()];
  const first = notices.hearing(one, early);
  await first.start();
  expect([first.trusted(), early.gaps]).toEqual([false, 0]);
  await notices.start();
  try {
    await until(() => first.trusted(), 'it is trusted');
    expect(early.gaps).toBe(1);
    const [second, third] = [notices.hearing(two, late), notices.hearing(one, again)];
    await second.start();
    await third.start();
    await until(() => second.trusted() && third.trusted(), 'those who came later are told');
    expect([late.gaps, again.gaps, early.gaps]).toEqual([1, 1, 1]);
    await notify(one, 'a');
    await notify(two, 'b');
    await until(() => late.heard.length === 1, 'it is heard');
    expect([early.heard, again.heard, late.heard]).toEqual([['a'], ['a'], ['b']]);

    const { rows } = await send(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT 1' AND application_name = 'maxray-read'
         OR query LIKE 'LISTEN "___\\_' || $1 || '"'`,
      [schema],
    );
    expect(rows.length).toBeGreaterThan(0);
    await until(() => early.gaps > 1 && late.gaps > 1 && again.gaps > 1, 'all are told of the gap');
    await until(() => first.trusted() && second.trusted(), 'they are trusted again');
    await notify(two, 'c');
    await until(() => late.heard.includes('c'), 'it is heard again');

    await third.stop();
    expect(third.trusted()).toBe(false);
    await second.stop();
    await notify(two, 'd');
    await notify(one, 'e');
    await until(() => early.heard.includes('e'), 'the one that is left hears');
    expect([late.heard.includes('d'), again.heard.includes('e')]).toEqual([false, false]);
  } finally {
    await notices.stop();
  }
  expect([first.trusted(), notices.trusted()]).toEqual([false, false]);
});

test('where nobody answers, it is not trusted, and starting does not fail', async () => {
  const warnings: string[] = [];
  const notices = new Notices({
    connection: 'postgresql://nobody@127.0.0.1:1/nothing',
    log: (_level, message) => warnings.push(message),
  });
  const hearing = notices.hearing('maxray', ear());
  await hearing.start();
  await notices.start();
  expect([notices.trusted(), hearing.trusted()]).toEqual([false, false]);
  expect(warnings[0]).toContain('revocations of tokens, cannot be heard');
  await notices.stop();
});
