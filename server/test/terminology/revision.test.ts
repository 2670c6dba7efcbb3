import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TerminologyRevision } from '../../src/store/terminology/terminologyRevision.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

describe('what is remembered of terminology', () => {
  let world: TestDatabase;
  let asked = 0;
  let nowMs = 0;
  const server = () => {
    const read: TestDatabase['database']['read'] = (statement) => {
      asked += 1;
      return world.database.read(statement);
    };
    return new TerminologyRevision({ read }, world.schema, () => nowMs);
  };
  const write = (type: string) =>
    world.database.transaction((tx) =>
      tx.query({
        name: '',
        text: `INSERT INTO "${world.schema}".changes (last_updated, type, rid, version, method) VALUES (now(), $1, 1, 1, 'C')`,
        values: [type],
      }),
    );

  beforeAll(async () => {
    world = await testDatabase();
  });
  afterAll(() => world.close());

  test('is not asked for again until something is written', async () => {
    const one = server();
    const first = await one.current();
    asked = 0;
    expect(await one.current()).toBe(first);
    one.changed('Patient');
    expect(await one.current()).toBe(first);
    expect(asked).toBe(0);
    await write('ValueSet');
    one.changed('ValueSet');
    const second = await one.current();
    expect(second).not.toBe(first);
    expect(asked).toBe(1);
  });

  test('counts for a second on a server that did not write it', async () => {
    const other = server();
    const first = await other.current();
    await write('CodeSystem');
    nowMs += 999;
    expect(await other.current()).toBe(first);
    nowMs += 1;
    expect(await other.current()).not.toBe(first);
  });

  test('is asked for anew by what is written while it is asked for', async () => {
    let asked = 0;
    const read: TestDatabase['database']['read'] = (statement) => {
      if ((asked += 1) === 1) one.changed('ConceptMap');
      return world.database.read(statement);
    };
    const one = new TerminologyRevision({ read }, world.schema, () => nowMs);
    await one.current();
    await Promise.all([one.current(), one.current()]);
    expect(asked).toBe(2);
  });

  test('is lost by no failure', async () => {
    let fails = true;
    const read: TestDatabase['database']['read'] = (statement) =>
      fails ? Promise.reject(new Error('away')) : world.database.read(statement);
    const one = new TerminologyRevision({ read }, world.schema, () => nowMs);
    await expect(one.current()).rejects.toThrow('away');
    fails = false;
    expect(await one.current()).toBe(await server().current());
  });
});
