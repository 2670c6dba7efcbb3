import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { RunningServer } from '../../../src/main.ts';
import { clientOf } from '../../acceptance/support/client.ts';
import { testConnection } from '../../support/postgres.ts';
import { workshop } from '../../support/program.ts';
import { startTestServer, urlOf } from '../../support/server.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const site = workshop();
let server: RunningServer;
let database: Client;
let url: string;

beforeAll(async () => {
  const connection = await testConnection();
  url = urlOf(connection);
  database = new Client(connection);
  await database.connect();
  server = await startTestServer({ databaseSchema: schema });
  const client = clientOf(server.url);
  for (const id of [
    'gone-string',
    'gone-version',
    'gone-change',
    'changed-name',
    'changed-number',
    'gone-row',
  ])
    for (const family of ['Anderssen', 'Lindgren']) {
      const body = { resourceType: 'Patient', id, name: [{ family }], birthDate: '1950-01-02' };
      expect((await client.send(`Patient/${id}`, { method: 'PUT', body })).status).toBeLessThan(300);
    }
  for (const id of ['changed-key', 'more-ranges', 'gone-ordered', 'changed-date', 'other-patient']) {
    const body = {
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      subject: { reference: 'Patient/gone-string' },
      effectiveDateTime: '2024-02-03',
      valueQuantity: { value: 72.5, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
    };
    expect((await client.send(`Observation/${id}`, { method: 'PUT', body })).status).toBe(201);
  }
  client.close();
});

afterAll(async () => {
  await site.cleanUp();
  await server.stop();
  await database.query(`DROP SCHEMA "${schema}" CASCADE`);
  await database.end();
});

async function verify(): Promise<{ code: number | null; lines: string[] }> {
  const program = site.verify(site.dataDir(), { env: { DATABASE_URL: url, DATABASE_SCHEMA: schema } });
  const { code } = await program.exited;
  return { code, lines: program.stdout().trimEnd().split('\n') };
}

/** What somebody does who works on the tables by hand, and how it is told. */
const DAMAGES: [string, string][] = [
  [
    `DELETE FROM patient_strings WHERE value LIKE 'lindgren%' AND rid = (SELECT rid FROM patient WHERE id = 'gone-string')`,
    String.raw`Patient/gone-string strings: \d+ missing, 0 surplus`,
  ],
  [
    `DELETE FROM patient_history WHERE id = 'gone-version'`,
    'Patient/gone-version history: 1 missing, 0 surplus',
  ],
  [
    `DELETE FROM changes WHERE version = 1 AND rid = (SELECT rid FROM patient WHERE id = 'gone-change')`,
    'Patient/gone-change changes: 1 missing, 0 surplus',
  ],
  [
    `UPDATE patient SET content = replace(content, 'Lindgren', 'Nesser') WHERE id = 'changed-name'`,
    String.raw`Patient/changed-name strings: (\d+) missing, \1 surplus`,
  ],
  [
    `UPDATE patient SET content = replace(content, '"versionId":"2"', '"versionId":"3"') WHERE id = 'changed-number'`,
    'Patient/changed-number meta: 1 missing, 1 surplus',
  ],
  [`DELETE FROM patient WHERE id = 'gone-row'`, String.raw`Patient/\(none\) history: 0 missing, 1 surplus`],
  [
    `UPDATE observation SET keys[1] = keys[1] + 1 WHERE id = 'changed-key'`,
    'Observation/changed-key keys: 1 missing, 1 surplus',
  ],
  [
    `INSERT INTO observation_ranges SELECT rid, 1, 2, 3, 4 FROM observation WHERE id = 'more-ranges'`,
    'Observation/more-ranges ranges: 0 missing, 1 surplus',
  ],
  [
    `DELETE FROM observation_ordered WHERE rid = (SELECT rid FROM observation WHERE id = 'gone-ordered')`,
    String.raw`Observation/gone-ordered ordered: \d+ missing, 0 surplus`,
  ],
  [
    `UPDATE observation SET date_hi = date_hi + interval '1 day' WHERE id = 'changed-date'`,
    'Observation/changed-date date: 1 missing, 1 surplus',
  ],
  [
    `UPDATE observation SET pat = pat + 1 WHERE id = 'other-patient'`,
    'Observation/other-patient pat: 1 missing, 1 surplus',
  ],
];

test('verify finds nothing in a sound store, and each of several damages in a damaged one', async () => {
  const sound = await verify();
  expect([sound.code, sound.lines.at(-1)]).toEqual([
    0,
    expect.stringMatching(/^11 resources, 17 versions, \d+ index rows; 0 differences$/),
  ]);

  await database.query(`SET search_path = "${schema}"`);
  for (const [damage] of DAMAGES) expect((await database.query(damage)).rowCount).toBeGreaterThan(0);
  const damaged = await verify();
  expect(damaged.code).toBe(1);
  for (const [, told] of DAMAGES)
    expect(damaged.lines).toContainEqual(expect.stringMatching(new RegExp(`^${told}$`)));
  expect(damaged.lines.at(-1)).toMatch(/; [1-9]\d* differences$/);
});

test('a store of a newer release is told of, and the program ends', async () => {
  await database.query(
    `INSERT INTO "${schema}".migration (number, name, breaking) VALUES (99, 'future', false)`,
  );
  const program = site.verify(site.dataDir(), { env: { DATABASE_URL: url, DATABASE_SCHEMA: schema } });
  expect((await program.exited).code).toBe(1);
  expect(program.stderr()).toMatch(/^maxray: the store "\w+" has been changed by a newer release/);
});
