import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client as Postgres } from 'pg';
import request from 'supertest';
import { testConnection } from '../../support/postgres.ts';
import { CLI_SCRIPT, startProgram, until } from '../../support/program.ts';
import { startTestServer, urlOf, type TestServer } from '../../support/server.ts';
import { tar, tarMember } from '../load/support.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
let folder: string;
let archive: string;
let database: Postgres;
let server: TestServer;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'maxray-package-'));
  archive = path.join(folder, 'guide.tgz');
  const files = {
    'package.json': { name: 'test.guide', version: '1.0.0', fhirVersions: ['4.0.1'] },
    'ImplementationGuide-guide.json': {
      resourceType: 'ImplementationGuide',
      url: 'http://example.org/guide',
    },
    'SearchParameter-nick.json': {
      resourceType: 'SearchParameter',
      id: 'nick',
      url: 'http://example.org/SearchParameter/nick',
      version: '1.0.0',
      name: 'nick',
      status: 'active',
      description: 'x',
      code: 'nick',
      base: ['Patient'],
      type: 'string',
      expression: 'Patient.contact.name.family',
    },
  };
  const members = Object.entries(files).map(([name, json]) =>
    tarMember(`package/${name}`, JSON.stringify(json)),
  );
  await writeFile(archive, gzipSync(tar(...members)));
  const connection = await testConnection();
  env = { DATABASE_URL: urlOf(connection), DATABASE_SCHEMA: schema, MAXRAY_DATA_DIR: folder, HOME: folder };
  database = new Postgres(connection);
  await database.connect();
  server = await startTestServer({ databaseSchema: schema });
});
afterAll(async () => {
  await server.stop();
  await database.query(`DROP SCHEMA "${schema}" CASCADE`);
  await database.end();
  await rm(folder, { recursive: true });
});

async function run(...args: string[]) {
  const program = startProgram(CLI_SCRIPT, ['package', ...args], { env });
  const { code } = await program.exited;
  return { code, lines: program.stdout().trimEnd().split('\n') };
}
const metadata = () => request(`${server.url}/fhir/R4`).get('/metadata');

test('packages are added beside a running server, listed and removed', async () => {
  expect(await run('add', archive)).toEqual({
    code: 0,
    lines: [
      'loading test.guide@1.0.0 ...',
      'test.guide@1.0.0: 1 resources stored, 0 were there already',
      '1 search parameters came along: npx maxray reindex makes those that are new searchable',
    ],
  });
  expect((await run('add', archive)).lines).toEqual([
    'loading test.guide@1.0.0 ...',
    'test.guide@1.0.0: 0 resources stored, 1 were there already',
  ]);
  expect(await run('list')).toEqual({ code: 0, lines: ['test.guide@1.0.0: 1 resources'] });
  expect((await metadata()).body.implementationGuide).toEqual(['http://example.org/guide|1.0.0']);
  expect(await run('remove', 'test.guide@1.0.0')).toEqual({
    code: 0,
    lines: ['test.guide@1.0.0: 1 resources deleted'],
  });
  expect(await run('list')).toEqual({ code: 0, lines: ['No package is loaded.'] });
});

test('what is not understood, or cannot be had, is said', async () => {
  const usage = expect.stringContaining('maxray package add');
  expect(await run()).toEqual({ code: 2, lines: expect.arrayContaining([usage]) });
  expect(await run('remove', 'test.guide')).toEqual({
    code: 2,
    lines: ['Say which version of test.guide: NAME@VERSION'],
  });
  expect(await run('add', path.join(folder, 'none.tgz'))).toEqual({
    code: 1,
    lines: ['The package cannot be read: there is no such file.'],
  });
  expect(await run('remove', 'test.guide@9.9.9')).toEqual({
    code: 1,
    lines: ['The package test.guide@9.9.9 is not loaded: see the list of packages.'],
  });
});

test('FHIR_PACKAGES loads them at the start, with the index of their search parameters', async () => {
  await server.stop();
  server = await startTestServer({ databaseSchema: schema, fhirPackages: [archive] });
  expect((await metadata()).body.implementationGuide).toEqual(['http://example.org/guide|1.0.0']);
  const isFound = async () => (await server.api().get('/Patient?nick=x')).status === 200;
  await until(isFound, 'the parameter is indexed');
});
