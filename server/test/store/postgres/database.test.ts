import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { openDatabase, type Database, type Statement } from '../../../src/store/postgres/database.ts';
import { TRANSACTION_ATTEMPTS_MAX } from '../../../src/store/postgres/transaction.ts';
import { servers } from './servers.ts';

const once = (text: string, values: unknown[] = []): Statement => ({ name: '', text, values });

describe.each(servers('database tests on it'))('database on $name', (server) => {
  let running: Awaited<ReturnType<typeof server.start>>;
  let connection: string | ClientConfig;
  let database: Database;
  const schema = `database_${randomBytes(4).toString('hex')}`;
  const ddl = (text: string): Promise<unknown> => database.transaction((tx) => tx.query(once(text)));

  beforeAll(async () => {
    running = await server.start();
    connection = running.connection;
    database = await openDatabase({ connection, transactionConnectionsMax: 6 });
    await ddl(`CREATE SCHEMA ${schema}`);
    await ddl(`CREATE TABLE ${schema}.counter (id int PRIMARY KEY, n int NOT NULL)`);
    await ddl(`INSERT INTO ${schema}.counter VALUES (1, 0), (2, 0)`);
  });

  afterAll(async () => {
    await ddl(`DROP SCHEMA ${schema} CASCADE`);
    await database.close();
    await running.stop();
  });

  test('gives back what was given, to the last digit and character', async () => {
    const text = 'Zoë 𝔘 \u2028 \ufeff "\\\' {,}';
    const { rows } = await database.read({
      name: 'echo',
      text: `SELECT $1::int8 AS id, $2::text AS text, $3::timestamptz AS at, $4::float8 AS infinite, $5::"char" AS method, $6::int8[] AS keys`,
      values: [
        '-9223372036854775808',
        text,
        new Date('1850-06-01T00:00:00.123Z'),
        -Infinity,
        'c',
        ['-1', '9223372036854775807'],
      ],
    });
    expect(rows).toEqual([
      {
        id: '-9223372036854775808',
        text,
        at: new Date('1850-06-01T00:00:00.123Z'),
        infinite: -Infinity,
        method: 'c',
        keys: ['-1', '9223372036854775807'],
      },
    ]);
  });

  test('answers many statements at once, each with its own rows', async () => {
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const statement = (n: number): Statement => ({
      name: 'double',
      text: 'SELECT $1::int * 2 AS n',
      values: [n],
    });
    const results = await Promise.all(
      numbers.map((n) => (n % 2 ? database.read(statement(n)) : database.write(statement(n)))),
    );
    expect(results.map((result) => (result.rows[0] as { n: number }).n)).toEqual(numbers.map((n) => n * 2));
  });

  test('passes errors of PostgreSQL on, and the statements around them are not touched', async () => {
    const good = { name: 'good', text: 'SELECT 1 AS one', values: [] };
    const bad = { name: 'bad', text: 'SELECT 1 / $1::int', values: [0] };
    const results = await Promise.allSettled([
      database.write(good),
      database.write(bad),
      database.write(good),
      database.write(bad),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(results[1]).toMatchObject({ reason: { code: '22012' } });
  });

  test('each statement of write is a transaction of its own, committed when it answers', async () => {
    await database.write(once(`UPDATE ${schema}.counter SET n = n + 1 WHERE id = 2`));
    const other = await openDatabase({ connection, readConnections: 1, writeConnections: 1 });
    const { rows } = await other.read(once(`SELECT n FROM ${schema}.counter WHERE id = 2`));
    await other.close();
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('a prepared statement follows its table: made later, changed, dropped, made again', async () => {
    const single = await openDatabase({
      connection,
      readConnections: 1,
      writeConnections: 1,
      searchConnectionsMax: 1,
    });
    const all: Statement = { name: 'late.all', text: `SELECT * FROM ${schema}.late`, values: [] };
    const missing = { code: '42P01' };
    const ask = (): Promise<unknown[]> =>
      Promise.all([
        ...[
          single.read(all),
          single.read(all),
          single.write(all),
          single.search(all),
          single.transaction((tx) => tx.query(all)),
        ].map(async (result) => (await result).rows),
      ]);
    await expect(
      Promise.allSettled([single.read(all), single.read(all), single.read(all)]),
    ).resolves.toMatchObject([1, 2, 3].map(() => ({ status: 'rejected', reason: missing })));
    await ddl(`CREATE TABLE ${schema}.late AS SELECT 1 AS a`);
    await expect(ask()).resolves.toEqual([1, 2, 3, 4, 5].map(() => [{ a: 1 }]));
    await ddl(`ALTER TABLE ${schema}.late ADD COLUMN b text DEFAULT 'x'`);
    await expect(ask()).resolves.toEqual([1, 2, 3, 4, 5].map(() => [{ a: 1, b: 'x' }]));
    await ddl(`DROP TABLE ${schema}.late`);
    await expect(single.read(all)).rejects.toMatchObject(missing);
    await ddl(`CREATE TABLE ${schema}.late AS SELECT 2 AS c`);
    await expect(ask()).resolves.toEqual([1, 2, 3, 4, 5].map(() => [{ c: 2 }]));
    await single.close();
  });

  test('a value that cannot be sent fails alone', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const statement = (value: unknown): Statement => ({
      name: 'json',
      text: 'SELECT $1::text AS value',
      values: [value],
    });
    const [broken, fine] = await Promise.allSettled([
      database.write(statement(circular)),
      database.write(statement('x')),
    ]);
    expect(broken).toMatchObject({ status: 'rejected' });
    expect(fine).toMatchObject({ status: 'fulfilled', value: { rows: [{ value: 'x' }] } });
    const again = await Promise.all([1, 2, 3, 4].map(() => database.write(statement('y'))));
    expect(again.map(({ rows }) => rows)).toEqual([1, 2, 3, 4].map(() => [{ value: 'y' }]));
  });

  test('sessions are set up for what they do', async () => {
    const settings =
      once(`SELECT current_setting('application_name') AS name, current_setting('plan_cache_mode') AS plan,
      current_setting('timezone') AS zone, current_setting('synchronous_commit') AS durable`);
    const common = { zone: 'UTC', durable: 'on' };
    expect((await database.read(settings)).rows).toEqual([
      { name: 'maxray-read', plan: 'force_generic_plan', ...common },
    ]);
    expect((await database.write(settings)).rows).toEqual([
      { name: 'maxray-write', plan: 'force_generic_plan', ...common },
    ]);
    expect((await database.search(settings)).rows).toEqual([
      { name: 'maxray-read', plan: 'force_custom_plan', ...common },
    ]);
    expect((await database.searchFixed(settings)).rows).toEqual([
      { name: 'maxray-read', plan: 'force_generic_plan', ...common },
    ]);
    const inTransaction = await database.transaction((tx) => tx.query(settings));
    expect(inTransaction.rows).toEqual([{ name: 'maxray-write', plan: 'auto', ...common }]);
  });

  test('a search that takes too long is ended, of every kind', async () => {
    const hasty = await openDatabase({ connection, searchTimeoutMs: 2_000 });
    await Promise.all(
      (['search', 'searchFixed', 'searchQuick'] as const).map(async (kind) => {
        await expect(hasty[kind](once('SELECT pg_sleep(300)'))).rejects.toMatchObject({ code: '57014' });
        expect((await hasty[kind](once('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
      }),
    );
    await hasty.close();
  });

  test('a fixed search keeps to its indexes and its order', async () => {
    const settings = once(`SELECT name, setting FROM pg_settings
      WHERE name IN ('enable_seqscan', 'enable_sort', 'enable_hashjoin', 'enable_mergejoin', 'max_parallel_workers_per_gather')
      ORDER BY name COLLATE "C"`);
    const of = async (kind: 'search' | 'searchFixed') =>
      (await database[kind](settings)).rows.map(({ setting }) => setting as string);
    expect(await of('searchFixed')).toEqual(['off', 'off', 'off', 'off', '0']);
    const [parallel] = (
      await database.read(
        once(`SELECT boot_val FROM pg_settings WHERE name = 'max_parallel_workers_per_gather'`),
      )
    ).rows;
    expect(await of('search')).toEqual(['on', 'on', 'on', 'on', parallel!.boot_val]);
  });

  test('more searches than connections wait for their turn', async () => {
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, n) => database.search(once('SELECT $1::int AS n', [n]))),
    );
    expect(results.map(({ rows }) => rows)).toEqual(Array.from({ length: 40 }, (_, n) => [{ n }]));
  });

  test('a transaction is stored whole or not at all', async () => {
    const add = once(`UPDATE ${schema}.counter SET n = n + 100 WHERE id = 1`);
    const read = async (): Promise<unknown> =>
      (await database.read(once(`SELECT n FROM ${schema}.counter WHERE id = 1`))).rows;
    const failing = database.transaction(async (tx) => {
      await tx.query(add);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await read()).toEqual([{ n: 0 }]);
    await expect(database.transaction((tx) => tx.query(add).then(() => 'done'))).resolves.toBe('done');
    expect(await read()).toEqual([{ n: 100 }]);
  });

  test('a transaction whose work kept an error for itself does not pass for stored', async () => {
    const work = database.transaction(async (tx) => {
      await tx.query(once('SELECT 1 / 0')).catch(() => undefined);
      return 'stored';
    });
    await expect(work).rejects.toMatchObject({ code: '22012' });
  });

  test('a transaction takes no statements after its end', async () => {
    const late = await database.transaction((tx) => Promise.resolve(() => tx.query(once('SELECT 1'))));
    await expect(late()).rejects.toThrow('over');
  });

  test('transactions that deadlock run again until both are stored', async () => {
    let runs = 0;
    const touch = (id: number): Statement =>
      once(`UPDATE ${schema}.counter SET n = n + 1 WHERE id = $1`, [id]);
    const before = await database.read(once(`SELECT sum(n)::int AS n FROM ${schema}.counter`));
    const both = meetingOf(2);
    const crossing = (first: number, second: number): Promise<void> =>
      database.transaction(async (tx) => {
        runs += 1;
        await tx.query(touch(first));
        await both();
        await tx.query(touch(second));
      });
    await Promise.all([crossing(1, 2), crossing(2, 1)]);
    const after = await database.read(once(`SELECT sum(n)::int AS n FROM ${schema}.counter`));
    expect((after.rows[0] as { n: number }).n - (before.rows[0] as { n: number }).n).toBe(4);
    expect(runs).toBeGreaterThan(2);
  });

  test('collisions without end are told as busy', async () => {
    let runs = 0;
    const always = once(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$`);
    const work = database.transaction((tx) => {
      runs += 1;
      return tx.query(always);
    });
    await expect(work).rejects.toMatchObject({ category: 'busy', retryAfterS: expect.any(Number) });
    expect(runs).toBe(TRANSACTION_ATTEMPTS_MAX);
  });

  test('a connection that the server ends: a write has an unknown outcome, a transaction is not stored, then all goes on', async () => {
    const kill = (pid: number): Promise<unknown> =>
      database.search(once('SELECT pg_terminate_backend($1)', [pid]));
    const single = await openDatabase({
      connection,
      readConnections: 1,
      writeConnections: 1,
      log: () => undefined,
    });
    const pidOf = async (result: Promise<{ rows: unknown[] }>): Promise<number> =>
      ((await result).rows[0] as { pid: number }).pid;
    const pid = once('SELECT pg_backend_pid() AS pid');

    const writer = await pidOf(single.write(pid));
    const write = expect(single.write(once('SELECT pg_sleep(20)'))).rejects.toMatchObject({
      category: 'busy',
      message: expect.stringContaining('unknown'),
    });
    await kill(writer);
    await write;
    await untilReady(single); // its only write connection has just been ended

    const transaction = single.transaction(async (tx) => {
      await tx.query(once(`UPDATE ${schema}.counter SET n = -1`));
      await kill(await pidOf(tx.query(pid)));
      await tx.query(pid);
    });
    await expect(transaction).rejects.toMatchObject({
      category: 'busy',
      message: expect.stringContaining('nothing of it was stored'),
    });
    await untilReady(single);

    const committing = single.transaction(async (tx) => void (await kill(await pidOf(tx.query(pid)))));
    await expect(committing).rejects.toMatchObject({ category: 'busy' });

    await untilReady(single);
    expect((await single.write(once('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
    const left = await single.read(once(`SELECT count(*)::int AS n FROM ${schema}.counter WHERE n = -1`));
    expect(left.rows).toEqual([{ n: 0 }]);
    await single.close();
  });
});

/** A point that nobody passes before the given number of callers have come; open from then on. */
function meetingOf(callers: number): () => Promise<void> {
  let come = 0;
  let open: () => void;
  const all = new Promise<void>((resolve) => (open = resolve));
  return () => {
    come += 1;
    if (come === callers) open();
    return all;
  };
}

async function untilReady(database: Database): Promise<void> {
  while (!database.ready()) await sleep(10);
}
