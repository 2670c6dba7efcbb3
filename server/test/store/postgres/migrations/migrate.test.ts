import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once as onceEmitted } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { ClientConfig } from 'pg';
import { openDatabase, type Database } from '../../../../src/store/postgres/database.ts';
import { MIGRATIONS } from '../../../../src/store/postgres/migrations/all.ts';
import { migrate } from '../../../../src/store/postgres/migrations/migrate.ts';
import { once, type Migration } from '../../../../src/store/postgres/migrations/migration.ts';
import { readStoreSecret } from '../../../../src/store/postgres/migrations/storeSecret.ts';
import { servers } from '../servers.ts';

const PROCESSES = 20;
const ALL = MIGRATIONS.map(({ number }) => number);

describe.each(servers('migration tests on it'))('migrate on $name', (server) => {
  let running: Awaited<ReturnType<typeof server.start>>;
  let database: Database;
  const schemas: string[] = [];
  const newSchema = (): string => {
    const name = `migrate_${randomBytes(4).toString('hex')}`;
    schemas.push(name);
    return name;
  };
  const rows = async (text: string, values: unknown[] = []): Promise<unknown[]> =>
    (await database.read(once(text, values))).rows;

  beforeAll(async () => {
    running = await server.start();
    database = await openDatabase({ connection: running.connection });
  });

  afterAll(async () => {
    for (const name of schemas)
      await database.transaction((tx) => tx.query(once(`DROP SCHEMA IF EXISTS "${name}" CASCADE`)));
    await database.close();
    await running.stop();
  });

  test('makes a store, and does nothing more when called again', async () => {
    const schema = newSchema();
    expect(await migrate(database, schema)).toEqual(ALL);
    const secret = await readStoreSecret(database, schema);
    expect(await migrate(database, schema)).toEqual([]);
    expect(secret).toHaveLength(16);
    expect(await readStoreSecret(database, schema)).toEqual(secret);
    expect(
      await rows(`SELECT nextval('"${schema}".row_id') AS a, nextval('"${schema}".row_id') AS b`),
    ).toEqual([{ a: '1000', b: '2000' }]);
    await database.write(
      once(
        `INSERT INTO "${schema}".changes (last_updated, type, rid, version, method) VALUES (now(), 'Patient', 1000, 1, 'c')`,
      ),
    );
    expect(
      await rows(
        `SELECT seq, type, rid, version, method, xid::text ~ '^[0-9]+$' AS xid FROM "${schema}".changes`,
      ),
    ).toEqual([{ seq: '1', type: 'Patient', rid: '1000', version: 1, method: 'c', xid: true }]);
    const indexes = await rows('SELECT indexdef FROM pg_indexes WHERE schemaname = $1 AND tablename = $2', [
      schema,
      'changes',
    ]);
    expect(indexes).toEqual(
      expect.arrayContaining([
        { indexdef: expect.stringContaining('(last_updated, seq)') },
        { indexdef: expect.stringContaining('(type, last_updated, seq)') },
      ]),
    );
  });

  test('the steps are numbered without gaps', () => {
    expect(ALL).toEqual(ALL.map((_, i) => i + 1));
  });

  test('stores have secrets of their own', async () => {
    const [one, other] = [newSchema(), newSchema()];
    await Promise.all([migrate(database, one), migrate(database, other)]);
    expect(await readStoreSecret(database, one)).not.toEqual(await readStoreSecret(database, other));
  });

  test('a word of SQL can be the name of a store, anything odd cannot', async () => {
    schemas.push('select');
    expect(await migrate(database, 'select')).toEqual(ALL);
    for (const name of ['', 'Maxray', '1a', 'a-b', 'a"b', 'pg_x', `a${'b'.repeat(41)}`]) {
      await expect(migrate(database, name)).rejects.toMatchObject({ name: 'StartError' });
    }
  });

  test(`${PROCESSES} processes that start at once make one store`, async () => {
    const schema = newSchema();
    const starters = Array.from({ length: PROCESSES }, () => startProcess(running.connection, schema));
    await Promise.all(starters.map(({ here }) => here));
    for (const { go } of starters) go();
    // All of them have ended before the schema is dropped, and what each said is there to read.
    const ends = await Promise.allSettled(starters.map(({ result }) => result));
    expect(ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []))).toEqual([]);
    const results = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    expect(results.flatMap(({ applied }) => applied).sort((a, b) => a - b)).toEqual(ALL);
    expect(new Set(results.map(({ secret }) => secret)).size).toBe(1);
  });

  test('further steps come in order, each whole or not at all', async () => {
    const schema = newSchema();
    const seen: string[] = [];
    const broken: Migration = {
      number: 3,
      name: 'broken',
      run: async (tx, name) => {
        await tx.query(once(`CREATE TABLE ${name}.half (a int)`));
        await tx.query(once('SELECT 1 / 0'));
      },
    };
    await migrate(database, schema, { migrations: [step(1, 'a')] });
    const work = migrate(database, schema, {
      migrations: [step(1, 'a'), step(2, 'b', 'stop the others first'), broken],
      onProgress: (what) => seen.push(what),
    });
    await expect(work).rejects.toMatchObject({ code: '22012' });
    expect(seen.join('\n')).toContain('migration 2 is breaking: stop the others first');
    expect(await rows(`SELECT number, name, breaking FROM "${schema}".migration ORDER BY number`)).toEqual([
      { number: 1, name: 'a', breaking: false },
      { number: 2, name: 'b', breaking: true },
    ]);
    expect(await rows('SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [schema])).toEqual(
      ['migration', 't1', 't2'].map((tablename) => ({ tablename })),
    );
  });

  test('refuses a store that a newer or another release has changed', async () => {
    const schema = newSchema();
    await migrate(database, schema, { migrations: [step(1, 'a'), step(2, 'b')] });
    await expect(migrate(database, schema, { migrations: [step(1, 'a')] })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('newer release (migration 2, b)'),
    });
    await expect(
      migrate(database, schema, { migrations: [step(1, 'a'), step(2, 'c')] }),
    ).rejects.toMatchObject({ name: 'StartError' });
  });
});

function step(number: number, name: string, breaking?: string): Migration {
  return {
    number,
    name,
    ...(breaking !== undefined && { breaking }),
    run: async (tx, schema) => void (await tx.query(once(`CREATE TABLE ${schema}.t${number} (a int)`))),
  };
}

interface Starter {
  here: Promise<unknown>;
  go(): void;
  result: Promise<{ applied: number[]; secret: string }>;
}

function startProcess(connection: string | ClientConfig, schema: string): Starter {
  const script = path.join(import.meta.dirname, 'process.ts');
  const child = spawn(process.execPath, [script, JSON.stringify({ connection, schema })], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = onceEmitted(child, 'close');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const here = lines.next();
  const result = here.then(async () => {
    const line = (await lines.next()).value as string | undefined;
    if (line === undefined) {
      await closed;
      throw new Error(`a process ended without a result: ${said}`);
    }
    return JSON.parse(line) as { applied: number[]; secret: string };
  });
  return { here, go: () => child.stdin.end('go\n'), result };
}
