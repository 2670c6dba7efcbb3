import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { JobTable } from '../../../src/store/jobs/jobTable.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

const LONG_MS = 60_000;
const WAITING_MAX = 3;
let world: TestDatabase;
let table: JobTable;
beforeAll(async () => {
  world = await testDatabase();
});
afterAll(() => world.close());
beforeEach(async () => {
  await sql('DELETE FROM $schema.job');
  table = new JobTable(world.database, world.schema);
});

const sql = async (text: string, values: unknown[] = []) =>
  (
    await world.database.write({
      name: '',
      text: text.replaceAll('$schema', `"${world.schema}"`),
      values,
    })
  ).rows;

const add = (id: string, owner = 'anna', kind = 'k') =>
  table.add({ id, kind, owner, request: { of: id } }, WAITING_MAX);
const claim = (lostMs = LONG_MS) => table.claim(['k'], lostMs);
const step = (checkpoint: unknown, lines: [string, number, string][] = []) => ({
  checkpoint,
  progress: 'some',
  lines: lines.map(([file, number, line]) => ({ file, number, line })),
});

describe('a job', () => {
  test('is seen and removed by its owner, and by nobody else', async () => {
    await add('a');
    expect(await table.find('a', 'anna')).toMatchObject({ id: 'a', state: 'waiting', request: { of: 'a' } });
    expect(await table.find('a', 'ben')).toBeUndefined();
    expect(await table.remove('a', 'ben')).toBe(false);
    expect(await table.remove('a', 'anna')).toBe(true);
    expect(await table.find('a', 'anna')).toBeUndefined();
  });

  test('waits with a few others of its owner, however many are added at once', async () => {
    const added = await Promise.all(Array.from({ length: 10 }, (_, i) => add(`a${i}`)));
    expect(added.filter(Boolean)).toHaveLength(WAITING_MAX);
    expect(await add('b', 'ben')).toBe(true);
    await claim();
    expect(await add('a')).toBe(true);
  });

  test('is taken by one, the oldest first, and only if its kind is known', async () => {
    await add('other', 'anna', 'unknown');
    await add('first');
    await add('second');
    const taken = await Promise.all(Array.from({ length: 6 }, () => claim()));
    expect(taken.flatMap((job) => job?.id ?? []).sort()).toEqual(['first', 'second']);
  });

  test('goes on with what was saved last, its lines once', async () => {
    await add('a');
    const job = (await claim())!;
    expect([job.fence, job.attempts, job.checkpoint]).toEqual([1, 1, undefined]);
    expect(await table.save(job, step({ at: 5 }, [['f', 2, 'two']]))).toBe(true);
    expect(
      await table.save(
        job,
        step({ at: 9 }, [
          ['f', 2, 'two'],
          ['f', 1, 'one'],
          ['g', 1, 'other'],
        ]),
      ),
    ).toBe(true);
    await table.release(job);
    const again = (await claim())!;
    expect(again).toMatchObject({ fence: 2, attempts: 1, checkpoint: { at: 9 }, progress: 'some' });
    expect(await table.lines('a', 'f', -1, 10)).toEqual([
      { file: 'f', number: 1, line: 'one' },
      { file: 'f', number: 2, line: 'two' },
    ]);
    expect(await table.lines('a', 'f', 1, 10)).toHaveLength(1);
  });

  test('counts the times that it was taken without coming on', async () => {
    await add('a');
    for (const attempts of [1, 2, 3]) expect(await claim(-1)).toMatchObject({ attempts });
    const job = (await claim(-1))!;
    await table.save(job, step(1));
    expect(await claim(-1)).toMatchObject({ attempts: 1, fence: 5 });
  });

  test('ends with its result, and is swept with its lines when that is old', async () => {
    await add('a');
    const job = (await claim())!;
    await table.save(job, step(1, [['f', 1, 'one']]));
    expect(await table.finish(job, 'done', { body: 'x' })).toBe(true);
    const done = (await table.find('a', 'anna'))!;
    expect(done).toMatchObject({ state: 'done', result: { body: 'x' } });
    expect(done.finished).toBeInstanceOf(Date);
    expect(done.checkpoint).toBeUndefined();
    expect(await claim(-1)).toBeUndefined();
    expect(await table.sweep(LONG_MS)).toBe(0);
    await sql(`UPDATE $schema.job SET finished = finished - interval '2 minutes'`);
    expect(await table.sweep(LONG_MS)).toBe(1);
    expect(await sql('SELECT FROM $schema.job_line')).toEqual([]);
  });
});

describe('whoever lost a job', () => {
  test('is not taken for dead while it gives signs of life', async () => {
    await add('a');
    const job = (await claim())!;
    await sql(`UPDATE $schema.job SET alive = alive - interval '2 minutes'`);
    expect(await table.keep(job, 'going')).toBe(true);
    expect(await claim()).toBeUndefined();
    await sql(`UPDATE $schema.job SET alive = alive - interval '2 minutes'`);
    expect(await claim()).toMatchObject({ id: 'a', fence: 2, progress: 'going' });
  });

  test.each([
    ['taken by another', async () => void (await claim(-1))],
    ['cancelled', async () => void (await table.remove('a', 'anna'))],
    [
      'ended by another',
      async () => {
        const other = (await claim(-1))!;
        await table.finish(other, 'done', 1);
      },
    ],
  ])('because it was %s can change nothing of it', async (_how, lose) => {
    await add('a');
    const job = (await claim())!;
    await lose();
    const before = await sql('SELECT * FROM $schema.job');
    expect(await table.keep(job, 'stale')).toBe(false);
    expect(await table.save(job, step('stale', [['f', 1, 'stale']]))).toBe(false);
    expect(await table.release(job)).toBe(false);
    expect(await table.finish(job, 'failed', 'stale')).toBe(false);
    expect(await sql('SELECT * FROM $schema.job')).toEqual(before);
    expect(await sql('SELECT FROM $schema.job_line')).toEqual([]);
  });
});
