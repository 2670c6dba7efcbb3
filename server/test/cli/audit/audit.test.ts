import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { auditLayout } from '../../../src/audit/layout.ts';
import { readRecord } from '../../audit/support.ts';
import { auditWorld, type AuditWorld } from '../../audit/world.ts';
import { CLI_SCRIPT, startProgram, workshop } from '../../support/program.ts';

const site = workshop();
let world: AuditWorld;
let superuser: Client;
let dataDir: string;
let url: string;

beforeAll(async () => {
  world = await auditWorld();
  superuser = new Client(world.connection as string | ClientConfig);
  await superuser.connect();
  const { host, user, password, database, port } = superuser as unknown as Record<string, string>;
  const address = `${encodeURIComponent(user!)}:${encodeURIComponent(password!)}@${encodeURIComponent(host!)}:${port}`;
  url = `postgresql://${address}/${database}`;
  dataDir = site.dataDir();
  mkdirSync(dataDir);
  await world.write(readRecord(), readRecord(), readRecord());
  await world.sealAll(dataDir);
});
afterAll(async () => {
  await site.cleanUp();
  await superuser.end();
  await world.close();
});

async function audit(args: string[], folder = dataDir) {
  const program = startProgram(CLI_SCRIPT, ['audit', ...args], {
    env: { MAXRAY_DATA_DIR: folder, DATABASE_URL: url, DATABASE_SCHEMA: world.schema },
  });
  const { code } = await program.exited;
  return { code, out: program.stdout().trim(), error: program.stderr().trim() };
}

const IN_ORDER = '1 checkpoints, 3 records, all as they were sealed; 0 not sealed yet';

test('says that a log is as it was sealed', async () => {
  expect(await audit(['verify'])).toMatchObject({ code: 0, out: IN_ORDER });
});

test('takes keys and copies from elsewhere, and says where there are none', async () => {
  const elsewhere = site.dataDir();
  mkdirSync(elsewhere);
  const { publicKeys, copies } = auditLayout(dataDir);
  const key = path.join(publicKeys, readdirSync(publicKeys)[0]!);
  const unknown = await audit(['verify'], elsewhere);
  expect(unknown.code).toBe(1);
  expect(unknown.out).toMatch(
    /^\S+ has no copies .*\ncheckpoint 1 is signed by a key that is not known here/,
  );
  expect(await audit(['verify', '--key', key, '--copies', copies], elsewhere)).toMatchObject({
    code: 0,
    out: IN_ORDER,
  });
});

test.each([[[]], [['delete']], [['verify', 'more']], [['verify', '--sort']]])(
  'does not understand %j',
  async (args) => {
    const { code, out } = await audit(args);
    expect([code, out]).toEqual([2, expect.stringMatching(/^maxray audit verify \[/)]);
  },
);

test('tells what is wrong with a key or the copies', async () => {
  const file = path.join(dataDir, 'nothing.pem');
  writeFileSync(file, 'nothing');
  const key = await audit(['verify', '--key', file]);
  expect([key.code, key.error]).toEqual([
    1,
    expect.stringMatching(/^maxray: the key \S+nothing.pem cannot be read/),
  ]);
  const copies = await audit(['verify', '--copies', `${file}.not`]);
  expect([copies.code, copies.error]).toEqual([1, expect.stringMatching(/^maxray: there is no file/)]);
});

test('names the first record that was altered', async () => {
  await superuser.query('SET session_replication_role = replica');
  await superuser.query(`UPDATE "${world.schema}".audit_record SET outcome = 8 WHERE place >= 2`);
  expect(await audit(['verify'])).toMatchObject({
    code: 1,
    out: 'record 2 was altered, in the range of checkpoint 1; before it 0 checkpoints with 0 records are in order',
  });
});
