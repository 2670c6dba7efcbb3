import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nextTime } from '../../src/queue/cron.ts';
import { TableSchedules } from '../../src/queue/tableSchedules.ts';
import type { Due, DueHandler } from '../../src/queue/schedules.ts';
import type { StoreQueue } from '../../src/queue/storeQueue.ts';
import { ScheduleTable } from '../../src/store/schedules/scheduleTable.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { until } from '../support/program.ts';

/** What is due is found in the table without it. */
const NO_QUEUE: StoreQueue = {
  open: () => undefined,
  isAnswering: false,
  handle: () => undefined,
  wake: async () => false,
  close: async () => undefined,
};
const NEVER = { cron: '0 0 29 2 *' };

let world: TestDatabase;
let table: ScheduleTable;
const faults: unknown[] = [];
const servers: TableSchedules[] = [];
beforeAll(async () => {
  world = await testDatabase();
  table = new ScheduleTable(world.database, world.schema);
});
afterAll(async () => {
  await Promise.all(servers.map((one) => one.stop()));
  await world.close();
});

const server = (handler: DueHandler): TableSchedules => {
  const schedules = new TableSchedules({
    table,
    queue: NO_QUEUE,
    onDefect: (error) => void faults.push(error),
  });
  schedules.handle('bot/', handler);
  schedules.start();
  servers.push(schedules);
  return schedules;
};

/** As if a schedule had become due then. */
const becameDue = (name: string, due: string) =>
  world.database.write({
    name: '',
    text: `UPDATE "${world.schema}".due_schedule SET due = $2, not_before = '-infinity' WHERE name = $1`,
    values: [name, due],
  });

test('cron counts by the clock of its time zone, also when that is changed', async () => {
  const after = (cron: string, zone: string, time: string) =>
    nextTime(cron, zone, new Date(time)).then((next) => next.toISOString());
  expect(await after('30 7 * * 1-5', 'UTC', '2026-11-20T07:30:00Z')).toBe('2026-11-23T07:30:00.000Z');
  expect(await after('30 7 * * *', 'Africa/Kampala', '2026-11-20T00:00:00Z')).toBe(
    '2026-11-20T04:30:00.000Z',
  );
  expect(await after('0 9 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe('2026-10-25T08:00:00.000Z');
  expect(await after('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
  expect(await after('*/10 * * * * *', 'UTC', '2026-11-20T07:30:01Z')).toBe('2026-11-20T07:30:10.000Z');
});

test.each(['', 'often', '61 * * * *', '* * * *', 'H * * * *', '0 0 31 2 *', '* * * * * * *'])(
  'is refused as a cron expression: %j',
  async (cron) => {
    const failure = { category: 'unprocessable', issues: [{ code: 'value' }] };
    await expect(nextTime(cron, 'UTC', new Date())).rejects.toMatchObject(failure);
    await expect(nextTime('0 0 * * *', 'Mars/Olympus', new Date())).rejects.toMatchObject(failure);
  },
);

test('what was missed is done once by one of all servers, is tried again with its key, and never comes again', async () => {
  const tried: Due[] = [];
  const handler: DueHandler = async (due) => {
    tried.push(due);
    if (tried.length === 1) throw new Error('the first attempt');
  };
  const first = server(handler);
  await first.put({ name: 'bot/1', ...NEVER, timeZone: 'Africa/Kampala' });
  await first.put({ name: 'job/1', ...NEVER });
  await becameDue('bot/1', '2024-02-28T21:00:00Z');
  await becameDue('job/1', '2024-02-28T21:00:00Z'); // nobody's here
  const second = server(handler);
  await until(() => tried.length === 2, 'it is tried again');
  const dueAt = new Date('2024-02-28T21:00:00Z');
  const due = { name: 'bot/1', dueAt, key: 'bot/1@2024-02-28T21:00:00.000Z' };
  expect(tried).toEqual([due, due]);
  expect(faults.splice(0)).toEqual([new Error('the first attempt')]);
  await until(async () => (await rowsOf('bot/1'))[0]!.due.getTime() > Date.now(), 'it is due in future');
  const [row] = await rowsOf('bot/1');
  expect(row!.due.toISOString()).toMatch(/-02-28T21:00:00.000Z$/);

  await first.put({ name: 'bot/1', ...NEVER, timeZone: 'Africa/Kampala' }); // nothing new
  expect((await rowsOf('bot/1'))[0]!.due).toEqual(row!.due);
  await second.put({ name: 'bot/1', cron: '0 12 29 2 *', timeZone: 'Africa/Kampala' });
  expect((await rowsOf('bot/1'))[0]!.due.toISOString()).toMatch(/-02-29T09:00:00.000Z$/);
  expect(await first.names('bot/')).toEqual(['bot/1']);
  await second.remove('bot/1');
  expect(await first.names('bot/')).toEqual([]);
  await Promise.all([first.stop(), second.stop()]);
  expect(tried).toHaveLength(2);
});

test('what a server did not bring to its end is done by another, with the same key', async () => {
  await table.put('job/2', NEVER.cron, 'UTC', new Date('2024-02-29T00:00:00Z'));
  const held = await table.claim('job/2', 60_000);
  expect(await table.claim('job/2', 60_000)).toBeUndefined();
  expect(await table.due(['job/2'], 10)).toEqual([]);
  expect(await table.keep(held!, 0)).toBe(true); // it died
  const again = await table.claim('job/2', 60_000);
  expect(again!.due).toEqual(held!.due);
  expect(await table.keep(held!, 60_000)).toBe(false);
  await table.next(held!, new Date()); // too late
  expect((await rowsOf('job/2'))[0]!.due).toEqual(held!.due);
});

async function rowsOf(name: string): Promise<{ due: Date }[]> {
  const text = `SELECT due FROM "${world.schema}".due_schedule WHERE name = $1`;
  return (await world.database.read({ name: '', text, values: [name] })).rows as { due: Date }[];
}
