import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ArtifactTable } from '../../../src/store/identity/artifacts.ts';
import { AttemptTable } from '../../../src/store/identity/attempts.ts';
import { Sealer } from '../../../src/store/identity/sealer.ts';
import { SecretTable } from '../../../src/store/identity/secrets.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

let test_: TestDatabase;
let artifacts: ArtifactTable;
let secrets: SecretTable;
let attempts: AttemptTable;
const sealer = new Sealer(Buffer.alloc(32, 1), 'test');
beforeAll(async () => {
  test_ = await testDatabase();
  artifacts = new ArtifactTable(test_.database, test_.schema, sealer);
  secrets = new SecretTable(test_.database, test_.schema, sealer);
  attempts = new AttemptTable(test_.database, test_.schema);
});
afterAll(() => test_.close());
const sql = (text: string) =>
  test_.database.write({ name: '', text: text.replaceAll('$S', `"${test_.schema}"`), values: [] });

describe('what is sealed', () => {
  test('opens with its key, in its place, unchanged, and nowhere else', () => {
    const sealed = sealer.seal('Grüße', 'here');
    expect(sealer.open(sealed, 'here')).toBe('Grüße');
    expect(sealer.open(sealed, 'there')).toBeUndefined();
    expect(new Sealer(Buffer.alloc(32, 2), 'test').open(sealed, 'here')).toBeUndefined();
    expect(new Sealer(Buffer.alloc(32, 1), 'other').open(sealed, 'here')).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(sealer.open(changed, 'here')).toBeUndefined();
    }
    expect(sealer.open(sealed.subarray(0, 10), 'here')).toBeUndefined();
  });
});

describe('artifacts', () => {
  const token = { model: 'AccessToken', id: 'token', payload: { a: 1 }, expiresInS: 100, grantId: 'g' };

  test('are found by model and id, replaced, used once, removed', async () => {
    await artifacts.put(token);
    await artifacts.put({ ...token, payload: { a: 2 } });
    expect(await artifacts.find('AccessToken', 'token')).toEqual({ payload: { a: 2 } });
    expect(await artifacts.find('RefreshToken', 'token')).toBeUndefined();
    expect(await artifacts.add(token)).toBe(false);
    const used = await Promise.all([1, 2, 3].map(() => artifacts.consume('AccessToken', 'token')));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect((await artifacts.find('AccessToken', 'token'))?.consumedAtS).toBeGreaterThan(1_700_000_000);
    await artifacts.remove('AccessToken', 'token');
    expect(await artifacts.find('AccessToken', 'token')).toBeUndefined();
    expect(await artifacts.consume('AccessToken', 'token')).toBe(false);
  });

  test('open the API only with their grant, and before they expire', async () => {
    await artifacts.put(token);
    expect(await artifacts.findAccess('token')).toBeUndefined();
    await artifacts.put({ model: 'Grant', id: 'g', payload: {}, grantId: 'g', expiresInS: 100 });
    expect(await artifacts.findAccess('token')).toEqual({ payload: { a: 1 } });
    await artifacts.removeGrant('g');
    expect(await artifacts.findAccess('token')).toBeUndefined();
    await artifacts.put({ model: 'ClientCredentials', id: 'c', payload: {}, expiresInS: 0 });
    expect(await artifacts.findAccess('c')).toBeUndefined();
    await artifacts.put({ model: 'Session', id: 's', payload: {}, expiresInS: 100 });
    expect(await artifacts.findAccess('s')).toBeUndefined();
  });

  test('a row that was put in the place of another opens nothing', async () => {
    await artifacts.put({ ...token, id: 'mine', payload: { sub: 'me' }, grantId: undefined });
    await artifacts.put({ ...token, id: 'yours', payload: { sub: 'you' }, grantId: undefined });
    await sql(`UPDATE $S.identity_artifact a SET payload = b.payload FROM $S.identity_artifact b
      WHERE a.hash = sha256('AccessToken mine') AND b.hash = sha256('AccessToken yours')`);
    expect(await artifacts.findAccess('mine')).toBeUndefined();
    expect(await artifacts.findAccess('yours')).toEqual({ payload: { sub: 'you' } });
  });

  test('are swept some time after their end', async () => {
    await artifacts.put({ ...token, id: 'old', expiresInS: -7200 });
    await artifacts.put({ ...token, id: 'late', expiresInS: -10 });
    expect(await artifacts.sweep()).toBe(1);
    expect(await artifacts.find('AccessToken', 'old')).toBeUndefined();
    expect(await artifacts.find('AccessToken', 'late')).toBeDefined();
  });
});

describe('secrets', () => {
  test('hashes as they are, others sealed to owner and kind', async () => {
    await secrets.setHash('User/1', 'password', 'hash');
    await secrets.setSealed('User/1', 'jwks', 'seed');
    expect(await secrets.hash('User/1', 'password')).toBe('hash');
    expect(await secrets.sealed('User/1', 'jwks')).toBe('seed');
    await sql(`UPDATE $S.identity_secret SET owner = 'User/2' WHERE kind = 'jwks'`);
    expect(await secrets.sealed('User/2', 'jwks')).toBeUndefined();
    await secrets.remove('User/1', 'password');
    expect(await secrets.hash('User/1', 'password')).toBeUndefined();
  });

  test('one that many make at once is the same for all', async () => {
    const made = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => secrets.sealedOnce('server', 'jwks', `key ${n}`)),
    );
    expect(new Set(made).size).toBe(1);
    expect(await secrets.sealedOnce('server', 'jwks', 'another')).toBe(made[0]);
  });

  test('one that was sealed with a key that was lost is replaced', async () => {
    const other = new SecretTable(test_.database, test_.schema, new Sealer(Buffer.alloc(32, 9), 'test'));
    expect(await other.sealedOnce('server', 'jwks', 'new')).toBe('new');
    expect(await secrets.sealed('server', 'jwks')).toBeUndefined();
  });
});

describe('attempts', () => {
  const backOff = { free: 2, firstWaitS: 10, waitS: 30 };
  const passTime = (seconds: number) =>
    sql(
      `UPDATE $S.identity_attempt SET last = last - interval '${seconds} s', locked_until = locked_until - interval '${seconds} s'`,
    );

  test('wait longer each time, up to the longest, and are forgotten in the end', async () => {
    const waits = [];
    for (let i = 0; i < 5; i++) {
      const first = await attempts.begin('a', backOff);
      waits.push(first ?? 0, (await attempts.begin('a', backOff)) ?? 0);
      await passTime(31);
    }
    expect(waits).toEqual([0, 0, 0, 20, 0, 30, 0, 30, 0, 30]);
    await passTime(25 * 3600);
    expect([await attempts.begin('a', backOff), await attempts.begin('a', backOff)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await attempts.begin('b', backOff)).toBeUndefined();
    await passTime(25 * 3600);
    await attempts.sweep();
    const { rows } = await sql('SELECT FROM $S.identity_attempt');
    expect(rows).toHaveLength(0);
  });

  test('one that succeeded is taken back', async () => {
    for (let i = 0; i < 10; i++) {
      expect(await attempts.begin('c', backOff)).toBeUndefined();
      await attempts.takeBack('c');
    }
    await attempts.begin('c', backOff);
    await attempts.forget('c');
    expect(await attempts.begin('c', backOff)).toBeUndefined();
  });
});
