import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CredentialTable } from '../../../src/store/identity/credentials.ts';
import { Sealer } from '../../../src/store/identity/sealer.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

let world: TestDatabase;
let table: CredentialTable;
beforeAll(async () => {
  world = await testDatabase();
  table = tableWith(1);
});
afterAll(() => world.close());
beforeEach(async () => {
  for (const account of ['a', 'b']) await table.remove(account, {});
});

const tableWith = (key: number): CredentialTable =>
  new CredentialTable(world.database, world.schema, new Sealer(Buffer.alloc(32, key), 'identity'));
const KEY = { kind: 'passkey', id: 'k', account: 'a', value: { label: 'phone' }, counter: 5 } as const;

test("a credential is one user's, and is not taken over by another", async () => {
  expect([await table.add(KEY), await table.add({ ...KEY, account: 'b' })]).toEqual([true, false]);
  expect(await table.find('passkey', 'k')).toMatchObject({
    account: 'a',
    value: { label: 'phone' },
    counter: 5,
  });
  expect(await table.find('totp', 'k')).toBeUndefined();
  const { name } = (await table.ofAccount('a'))[0]!;
  expect(await table.remove('b', { name })).toBe(false);
  expect(await table.remove('a', { name, kind: 'totp' })).toBe(false);
  expect(await table.remove('a', { name, kind: 'passkey' })).toBe(true);
});

test('a counter only grows, whoever comes at once; one that does not count may stay', async () => {
  await table.add(KEY);
  expect([await table.use('passkey', 'k', 5), await table.use('passkey', 'k', 0)]).toEqual([false, false]);
  const at = await Promise.all([1, 2, 3, 4].map(() => table.use('passkey', 'k', 6)));
  expect(at.filter(Boolean)).toHaveLength(1);
  expect((await table.find('passkey', 'k'))!.usedAtMs).toBeGreaterThan(0);
  await table.add({ ...KEY, id: 'none', counter: 0 });
  expect([await table.use('passkey', 'none', 0), await table.use('passkey', 'none', 0)]).toEqual([
    true,
    true,
  ]);
  expect(await table.use('passkey', 'unknown', 9)).toBe(false);
});

test('what is good once is taken once, and what replaces it replaces all of its kind', async () => {
  const code = (id: string) => ({ kind: 'recovery-code', id, account: 'a', value: {} }) as const;
  await table.add(KEY);
  await table.replaceAll('a', 'recovery-code', [code('1'), code('2')]);
  const taken = await Promise.all([1, 2, 3].map(() => table.take('recovery-code', '1')));
  expect(taken.filter(Boolean)).toHaveLength(1);
  await table.replaceAll('a', 'recovery-code', [code('3')]);
  expect((await table.ofAccount('a')).map(({ kind }) => kind)).toEqual(['passkey', 'recovery-code']);
  expect(await table.take('recovery-code', '2')).toBe(false);
});

test('nothing is read that another key sealed', async () => {
  await table.add(KEY);
  const other = tableWith(2);
  expect([await other.find('passkey', 'k'), await other.ofAccount('a')]).toEqual([undefined, []]);
});
