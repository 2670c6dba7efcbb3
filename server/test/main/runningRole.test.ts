import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { openAsRunner } from '../../src/main/runningRole.ts';
import { canChangeLog } from '../../src/store/audit/runningRole.ts';
import { layoutOf } from '../../src/store/postgres/embedded/layout.ts';
import { migrate } from '../../src/store/postgres/migrations/migrate.ts';
import { testConnection } from '../support/postgres.ts';
import { removeFolder } from '../support/removeFolder.ts';

const name = randomBytes(4).toString('hex');
const [role, schema] = [`run_${name}`, `test_${name}`];
const dataDir = mkdtempSync(path.join(tmpdir(), 'maxray-runner-'));
let superuser: Client;
let connection: ClientConfig;

beforeAll(async () => {
  superuser = new Client((await testConnection()) as string | ClientConfig);
  await superuser.connect();
  const { host, port, user, password, database } = superuser;
  connection = {
    host,
    port,
    ...(user && { user }),
    ...(password && { password }),
    ...(database && { database }),
  };
  mkdirSync(layoutOf(dataDir).root);
});
afterAll(async () => {
  await superuser.query(`DROP SCHEMA "${schema}" CASCADE; DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
  await superuser.end();
  removeFolder(dataDir);
});

test('a server is opened as a role that cannot change its audit log, at each start', async () => {
  for (const start of [1, 2]) {
    const applied: number[] = [];
    const { database } = await openAsRunner({
      connection,
      store: schema,
      dataDir,
      role,
      prepare: async (admin) => void applied.push(...(await migrate(admin, schema))),
    });
    expect(applied.length > 0).toBe(start === 1);
    expect(await canChangeLog(database, schema)).toBe(false);
    const { rows } = await database.read({ name: '', text: 'SELECT current_user::text AS name', values: [] });
    expect(rows).toEqual([{ name: role }]);
    await database.close();
  }
  expect(statSync(path.join(layoutOf(dataDir).root, 'running-password')).mode & 0o777).toBe(0o600);
});

test('what could not be prepared opens nothing', async () => {
  const prepare = () => Promise.reject(new Error('no migration'));
  await expect(openAsRunner({ connection, store: schema, dataDir, role, prepare })).rejects.toThrow(
    'no migration',
  );
});
