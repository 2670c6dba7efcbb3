import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import pg from 'pg';
import { testConnection } from '../../../server/test/support/postgres.ts';
import { CASES } from '../../src/cases/all.ts';
import { dataPlan } from '../../src/data/plan.ts';
import { resources } from '../../src/data/resources.ts';
import { openDatabase, type BenchDatabase } from '../../src/database/database.ts';
import { loadFloorTables } from '../../src/database/floorTables.ts';
import { urlOf, type ConnectionParts } from '../../src/database/url.ts';
import { FLOORS } from '../../src/floors/floors.ts';
import { requestsOf } from '../../src/measure/requests.ts';
import { FHIR_BASE } from '../../src/processes/fhirBase.ts';
import { expected } from './expected.ts';

type Any = Resource & { id: string };

const REQUESTS = 24;
const name = `bench_floors_${randomBytes(4).toString('hex')}`;
const plan = dataPlan(0.03);
const all: Any[] = [...resources(plan)];
const searches = CASES.filter(({ likeness }) => likeness);
let adminUrl: string;
let database: BenchDatabase;

beforeAll(async () => {
  const connection = await testConnection();
  adminUrl = typeof connection === 'string' ? connection : urlOf(connection as ConnectionParts);
  database = await openDatabase(adminUrl, false, name);
  await loadFloorTables(database.client, plan);
  await database.client.query('ANALYZE');
});

afterAll(async () => {
  await database.close();
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
});

/** Answers of a floor over HTTP, as the load generator gets them. */
const ask = async (floorName: keyof typeof FLOORS, variant: string, paths: readonly string[]) => {
  const floor = await FLOORS[floorName].open(database.url, variant);
  const server = createServer((request, response) => {
    floor.handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await Promise.all(
      paths.map(async (path) => {
        const response = await fetch(`http://127.0.0.1:${port}${FHIR_BASE}${path}`);
        if (!response.ok) throw new Error(await response.text());
        return (await response.json()) as {
          type: string;
          entry?: { fullUrl: string; resource: Any; search: { mode: string } }[];
        };
      }),
    );
  } finally {
    server.close();
    await floor.close();
  }
};

const urlsOf = (list: readonly Any[]): string[] =>
  list.map(({ resourceType, id }) => `${resourceType}/${id}`).sort();

describe.each(searches.map((each) => [each.name, each] as const))('the floor of %s', (_, bench) => {
  const paths = requestsOf(bench, plan, 1)
    .slice(0, REQUESTS)
    .map(({ path }) => path);

  test('answers what every resource, looked at, says', async () => {
    const answers = await ask(bench.floor!, FLOORS[bench.floor!].variants[0]!, paths);
    for (const [at, { type, entry = [] }] of answers.entries()) {
      const wanted = expected(all, paths[at]!);
      const found = (mode: string): Any[] =>
        entry.filter(({ search }) => search.mode === mode).map(({ resource }) => resource);
      const matches = found('match');
      expect(type).toBe('searchset');
      expect(matches).toHaveLength(Math.min(wanted.matches.length, wanted.count ?? Infinity));
      expect(new Set(urlsOf(matches)).size).toBe(matches.length);
      expect(urlsOf(wanted.matches)).toEqual(expect.arrayContaining(urlsOf(matches)));
      if (wanted.by) {
        const sorted = wanted.matches.map(wanted.by).sort().reverse();
        expect(matches.map(wanted.by)).toEqual(sorted.slice(0, wanted.count));
      }
      expect(urlsOf(found('include'))).toEqual(urlsOf(wanted.included?.(matches) ?? []));
      for (const { fullUrl, resource } of entry)
        expect(fullUrl).toMatch(new RegExp(`/${resource.resourceType}/${resource.id}$`));
    }
    // A question whose answers are all empty would test nothing.
    expect(answers.filter(({ entry }) => entry?.length).length).toBeGreaterThan(0);
  });
  test('answers the same in each variant', async () => {
    const [first, ...others] = await Promise.all(
      FLOORS[bench.floor!].variants.map((variant) => ask(bench.floor!, variant, paths.slice(0, 4))),
    );
    for (const other of others) expect(other).toEqual(first);
  });
});

test('stored texts hold every resource, with version and time', async () => {
  const { rows } = await database.client.query<{ url: string; content: string }>(
    `SELECT url, content FROM floor.observation UNION ALL SELECT url, content FROM floor.patient
     UNION ALL SELECT url, content FROM floor.encounter UNION ALL SELECT url, content FROM floor.condition
     UNION ALL SELECT url, content FROM floor.actor`,
  );
  const byUrl = new Map(rows.map(({ url, content }) => [url, JSON.parse(content) as Any]));
  expect(byUrl.size).toBe(all.length);
  for (const resource of all) {
    const meta = { ...resource.meta, versionId: '1', lastUpdated: expect.any(String) };
    expect(byUrl.get(`${resource.resourceType}/${resource.id}`)).toEqual({ ...resource, meta });
  }
});
