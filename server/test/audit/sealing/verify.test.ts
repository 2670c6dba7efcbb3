import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { Client, type ClientConfig } from 'pg';
import { auditLayout } from '../../../src/audit/layout.ts';
import { recordHash } from '../../../src/audit/sealing/canonical.ts';
import { openSigningKey } from '../../../src/audit/sealing/signingKey.ts';
import { folders, readRecord } from '../support.ts';
import { auditWorld, type AuditWorld } from '../world.ts';

const site = folders();
let world: AuditWorld;
let superuser: Client;
let dataDir: string;

beforeAll(async () => {
  world = await auditWorld();
  const { connection } = world;
  superuser = new Client(connection as string | ClientConfig);
  await superuser.connect();
  await superuser.query(`SET search_path = "${world.schema}"`);
});
afterAll(async () => {
  site.cleanUp();
  await superuser.end();
  await world.close();
});

/** Three checkpoints of three records each, at places 1 to 9. */
beforeEach(async () => {
  await superuser.query(`SET session_replication_role = replica`); // no trigger is asked
  await superuser.query('TRUNCATE audit_record, audit_checkpoint RESTART IDENTITY');
  dataDir = site.make();
  const sealer = world.sealer(dataDir);
  for (let i = 0; i < 3; i += 1) {
    await world.write(...[1, 2, 3].map((n) => readRecord({ requestId: `r${i}${n}`, patients: [`p${i}`] })));
    await world.sealAll(dataDir, sealer);
  }
});

test('a log as it was sealed is in order, and what came since is counted', async () => {
  expect(await world.verify(dataDir)).toEqual({ checkpoints: 3, records: 9, unsealed: 0 });
  await world.write(readRecord());
  expect(await world.verify(dataDir)).toEqual({ checkpoints: 3, records: 9, unsealed: 1 });
  await world.sealAll(dataDir);
  expect(await world.verify(dataDir)).toEqual({ checkpoints: 4, records: 10, unsealed: 0 });
});

const COPY = `INSERT INTO audit_record (place, recorded_ms, kind, outcome, version, keys, payload) OVERRIDING SYSTEM VALUE
  SELECT`;

/** What a superuser does, and the first thing that is found. */
const ALTERATIONS: [string, string, string][] = [
  [
    'a text',
    `UPDATE audit_record SET payload = replace(payload, 'r11', 'r99') WHERE place = 4`,
    'record 4 was altered, in the range of checkpoint 2',
  ],
  [
    'a time',
    `UPDATE audit_record SET recorded_ms = recorded_ms + 1 WHERE place = 5`,
    'record 5 was altered, in the range of checkpoint 2',
  ],
  [
    'a kind',
    `UPDATE audit_record SET kind = 2 WHERE place = 1`,
    'record 1 was altered, in the range of checkpoint 1',
  ],
  [
    'an outcome',
    `UPDATE audit_record SET outcome = 8 WHERE place = 9`,
    'record 9 was altered, in the range of checkpoint 3',
  ],
  [
    'a version',
    `UPDATE audit_record SET version = 0 WHERE place = 2`,
    'record 2 was altered, in the range of checkpoint 1',
  ],
  [
    'keys, so that it is not found',
    `UPDATE audit_record SET keys = '{}' WHERE place = 6`,
    'record 6 was altered, in the range of checkpoint 2',
  ],
  [
    'all of them',
    `UPDATE audit_record SET outcome = 4`,
    'record 1 was altered, in the range of checkpoint 1',
  ],
  [
    'a record that goes',
    `DELETE FROM audit_record WHERE place = 5`,
    'record 5 is missing, in the range of checkpoint 2',
  ],
  [
    'the first',
    `DELETE FROM audit_record WHERE place = 1`,
    'record 1 is missing, in the range of checkpoint 1',
  ],
  [
    'the last',
    `DELETE FROM audit_record WHERE place = 9`,
    'record 9 is missing, in the range of checkpoint 3',
  ],
  [
    'a record that comes',
    `DELETE FROM audit_record WHERE place = 5; ${COPY} 5, recorded_ms, kind, outcome, version, keys, payload FROM audit_record WHERE place = 4`,
    'record 5 was altered, in the range of checkpoint 2',
  ],
  [
    'one before all',
    `${COPY} 0, recorded_ms, kind, outcome, version, keys, payload FROM audit_record WHERE place = 4`,
    'record 0 was inserted, in the range of checkpoint 1',
  ],
  [
    'two that change places',
    `UPDATE audit_record a SET payload = b.payload FROM audit_record b WHERE a.place IN (7, 8) AND b.place IN (7, 8) AND a.place <> b.place`,
    'record 7 was altered, in the range of checkpoint 3',
  ],
  ['all that goes', `TRUNCATE audit_record`, 'record 1 is missing, in the range of checkpoint 1'],
  ['a checkpoint that goes', `DELETE FROM audit_checkpoint WHERE number = 2`, 'checkpoint 2 is missing'],
  ['the first checkpoint', `DELETE FROM audit_checkpoint WHERE number = 1`, 'checkpoint 1 is missing'],
  [
    'the end, with its checkpoint',
    `DELETE FROM audit_record WHERE place > 6; DELETE FROM audit_checkpoint WHERE number > 2`,
    'the log was cut: checkpoint 3, and what it sealed, are missing, but a copy of checkpoint 3 is there',
  ],
  [
    'everything',
    `TRUNCATE audit_record; TRUNCATE audit_checkpoint`,
    'the log was cut: checkpoint 1, and what it sealed, are missing, but a copy of checkpoint 1 is there',
  ],
  [
    'two checkpoints that change places',
    `UPDATE audit_checkpoint SET number = -number; UPDATE audit_checkpoint SET number = CASE number WHEN -2 THEN 3 WHEN -3 THEN 2 ELSE -number END`,
    'checkpoint 2 is not that of its copy outside the database',
  ],
  [
    'the end of a range',
    `UPDATE audit_checkpoint SET last = 5 WHERE number = 2`,
    'checkpoint 2 is not that of its copy outside the database',
  ],
  [
    'when it was sealed',
    `UPDATE audit_checkpoint SET sealed_ms = 0 WHERE number = 2`,
    'checkpoint 2 was altered, or follows another one than when it was made',
  ],
  [
    'what a checkpoint says of its records',
    `UPDATE audit_checkpoint SET leaves = '' WHERE number = 3`,
    'checkpoint 3 was altered: what it says of its records',
  ],
  [
    'a signature',
    `UPDATE audit_checkpoint SET signature = '\\x00' WHERE number = 3`,
    'checkpoint 3 is not that of its copy outside the database',
  ],
  [
    'a key',
    `UPDATE audit_checkpoint SET key = 'mine' WHERE number = 3`,
    'checkpoint 3 is signed by a key that is not known here, mine',
  ],
];

describe('what a superuser has changed is found:', () => {
  test.each(ALTERATIONS)('%s', async (_name, sql, finding) => {
    await superuser.query(sql);
    expect((await world.verify(dataDir)).finding).toBe(finding);
  });

  test('a record at a place that none had', async () => {
    await superuser.query(
      `SELECT nextval(pg_get_serial_sequence('"${world.schema}".audit_record', 'place'))`,
    );
    await world.write(readRecord());
    await world.sealAll(dataDir);
    expect((await world.verify(dataDir)).finding).toBeUndefined();
    await superuser.query(
      `${COPY} 10, recorded_ms, kind, outcome, version, keys, payload FROM audit_record WHERE place = 9`,
    );
    expect((await world.verify(dataDir)).finding).toBe(
      'record 10 was inserted, in the range of checkpoint 4',
    );
  });

  test('a log that was sealed again with another key', async () => {
    await superuser.query(`UPDATE audit_record SET outcome = 8 WHERE place = 2; TRUNCATE audit_checkpoint`);
    const forged = site.make();
    await world.sealAll(forged);
    expect((await world.verify(forged)).finding).toBeUndefined();
    expect((await world.verify(dataDir)).finding).toBe(
      'checkpoint 1 is not that of its copy outside the database',
    );
    writeFileSync(auditLayout(dataDir).copies, '');
    expect((await world.verify(dataDir)).finding).toMatch(
      /^checkpoint 1 is signed by a key that is not known here/,
    );
  });

  test('a copy that is gone from between others', async () => {
    const { copies } = auditLayout(dataDir);
    const lines = readFileSync(copies, 'utf8').split('\n');
    writeFileSync(copies, [lines[0], ...lines.slice(2)].join('\n'));
    expect((await world.verify(dataDir)).finding).toBe(
      'the copy of checkpoint 2 outside the database is missing',
    );
  });
});

test('copies that two servers have added to one file are no fault, unless they differ', async () => {
  const { copies } = auditLayout(dataDir);
  const lines = readFileSync(copies, 'utf8').trim().split('\n');
  const [one, two, three] = lines as [string, string, string];
  writeFileSync(copies, `${[one, two, three, one, three, two].join('\n')}\n`);
  expect((await world.verify(dataDir)).finding).toBeUndefined();
  const forged = two.replace(/"chain":"./, '"chain":"x');
  writeFileSync(copies, `${[one, forged, two, three].join('\n')}\n`);
  expect((await world.verify(dataDir)).finding).toBe(
    'checkpoint 2 is not that of its copy outside the database',
  );
});

test('a copy whose writing was interrupted comes again', async () => {
  const { copies } = auditLayout(dataDir);
  const text = readFileSync(copies, 'utf8');
  writeFileSync(copies, text.slice(0, -20));
  await world.sealAll(dataDir);
  expect(await world.verify(dataDir)).toEqual({ checkpoints: 3, records: 9, unsealed: 0 });
});

test('the key is made for its owner only, and used again', () => {
  const { key, publicKeys } = auditLayout(dataDir);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(openSigningKey(key, publicKeys).id).toBe(openSigningKey(key, publicKeys).id);
  writeFileSync(key, 'no key');
  expect(() => openSigningKey(key, publicKeys)).toThrow(/cannot be read/);
});

describe('while a transaction has not ended', () => {
  test('nothing behind a place that it has taken is sealed; then all is, in order', async () => {
    const sealer = world.sealer(dataDir);
    const { rows } = await superuser
      .query(
        `BEGIN; INSERT INTO audit_record (recorded_ms, kind, outcome, keys, payload) SELECT 1, 1, 0, '{}', '{}' WHERE pg_current_xact_id() IS NOT NULL RETURNING place`,
      )
      .then((results) => (results as unknown as { rows: { place: string }[] }[])[1]!);
    expect(rows).toEqual([{ place: '10' }]);
    await world.write(readRecord());
    await sealer.seal();
    expect(await world.verify(dataDir)).toEqual({ checkpoints: 3, records: 9, unsealed: 1 });
    await superuser.query('COMMIT');
    await world.sealAll(dataDir, sealer);
    expect(await world.verify(dataDir)).toEqual({ checkpoints: 4, records: 11, unsealed: 0 });
  });

  test('two sealers make one chain', async () => {
    const [one, two] = [world.sealer(dataDir), world.sealer(dataDir)];
    for (let i = 0; i < 5; i += 1) {
      await world.write(readRecord());
      await Promise.all([one.seal(), two.seal()]);
    }
    await world.sealAll(dataDir, one);
    expect((await world.verify(dataDir)).finding).toBeUndefined();
    expect((await world.verify(dataDir)).unsealed).toBe(0);
  });
});

describe('the tables', () => {
  test.each([
    'UPDATE audit_record SET outcome = 8',
    'DELETE FROM audit_record',
    'TRUNCATE audit_record',
    'UPDATE audit_checkpoint SET sealed_ms = 0',
    'DELETE FROM audit_checkpoint',
    'TRUNCATE audit_checkpoint',
  ])('refuse %s', async (sql) => {
    await superuser.query('SET session_replication_role = origin');
    await expect(superuser.query(sql)).rejects.toThrow(/are never changed or removed/);
  });
});

test('PostgreSQL makes the same hash of a row as we do', async () => {
  const big = 2n ** 63n - 1n;
  const row = {
    recordedMs: 1,
    kind: 9,
    outcome: 12,
    version: 7,
    keys: [-big, 0n, big],
    payload: '{"n":"Ö\\"😀\\\\"}',
  };
  await world.table.write([row, { ...row, version: null, keys: [] }]);
  const ours = new Map<number, Buffer>();
  for await (const rows of world.table.between(0, 100))
    for (const one of rows) ours.set(one.place, recordHash(one));
  const theirs = new Map<number, Buffer>();
  for await (const { last, places, hashes } of world.table.hashes(0, 100, 4)) {
    const count = places.length / 8;
    for (let i = 0; i < count; i += 1)
      theirs.set(Number(places.readBigInt64BE(i * 8)), hashes.subarray(i * 32, (i + 1) * 32));
    expect([...theirs.keys()].at(-1)).toBe(last);
  }
  expect(ours.size).toBe(11);
  expect(theirs).toEqual(ours);
});
