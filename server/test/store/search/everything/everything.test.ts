import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../../src/fhir/resource.ts';
import { createIndexQuery } from '../../../../src/store/index/query.ts';
import { PAGE_BYTES_MAX } from '../../../../src/store/pageBytes.ts';
import { int8Array } from '../../../../src/store/resource/binaryArray.ts';
import { CompartmentRows } from '../../../../src/store/search/everything/compartmentRows.ts';
import {
  SCANNED_MAX,
  type EverythingQuery,
  type ScanPosition,
} from '../../../../src/store/search/everything/everything.ts';
import {
  scanBranches,
  scanStatement,
  type Scan,
} from '../../../../src/store/search/everything/scanStatement.ts';
import { contentParts } from '../../../../src/store/resource/content.ts';
import { openStore, type Store } from '../../../../src/store/store.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../../../support/postgres.ts';

const SECRET = new Uint8Array(16).fill(5);
const OWN_BASE = 'http://maxray.example/fhir/R4';
let definitions: Definitions;
let own: TestDatabase;
let store: Store;

beforeAll(async () => {
  definitions = await r4Definitions();
  own = await testDatabase();
  store = openStore(own.database, own.schema, definitions, SECRET, OWN_BASE);
});

afterAll(() => own.close());

async function put(reference: string, members: object): Promise<void> {
  const [resourceType, id] = reference.split('/') as [string, string];
  const resource: Resource = { resourceType, id, ...members };
  const index = store.indexer.index(resource);
  await store.writer.write({
    method: 'U',
    type: resourceType,
    id,
    content: contentParts(resource, id),
    index,
  });
}

describe('the statement of a page', () => {
  const index = () => createIndexQuery(definitions, SECRET, { publicBase: OWN_BASE });
  const scan = (more: Partial<Scan> = {}): Scan => {
    const owners = { type: 'Patient', ids: ['p'] };
    const rows = new CompartmentRows(definitions, index(), owners);
    return { schema: 's', owners, rows, types: ['Observation'], withOwners: true, care: {}, ...more };
  };
  const branchesOf = (one: Scan) => {
    const { text, values } = scanStatement(one, scanBranches(one), { resources: 5, bytes: 100 });
    const sql = text.slice(0, text.indexOf('placed AS')).split('\n').slice(1);
    return { sql: sql.join('\n'), values };
  };

  test('each way into a compartment by its own index, never along the table', () => {
    const { sql, values } = branchesOf(scan());
    const self = index().selfKey('Patient', 'p');
    const performer = index().referencePaths('Observation', 'performer')[0]!.path;
    expect(sql).toContain(
      `WHERE m.self = ANY ($2::bigint[]) AND m.id = ANY ($3::text[]) AND m.method <> 'D' ORDER BY m.rid LIMIT $1`,
    );
    expect(sql).toContain(
      `WHERE m.rid = ANY (ARRAY (SELECT rid FROM ((SELECT m.rid FROM "s"."observation" m WHERE m.pat = ANY ($4::bigint[]) ORDER BY m.rid + 0 LIMIT $1) UNION (SELECT m.rid FROM "s"."observation" m WHERE m.keys && $5::bigint[] ORDER BY m.rid + 0 LIMIT $1)) w ORDER BY rid LIMIT $1))`,
    );
    expect(values.slice(0, 5)).toEqual([
      6,
      int8Array([self]),
      expect.anything(),
      int8Array([self]),
      int8Array([self ^ performer]),
    ]);
  });

  test('from a position on, and with care dates', () => {
    const after = { type: 'Observation', rid: '77' };
    const { sql, values } = branchesOf(scan({ after, care: { fromMs: 1000, toMs: 2000 } }));
    expect(sql).not.toContain('"patient"');
    expect(sql).toContain(
      'm.pat = ANY ($5::bigint[]) AND m.rid > $2::bigint AND (m.date_lo IS NULL OR m.date_hi >= to_timestamp($3::float8 / 1000) AND m.date_lo <= to_timestamp($4::float8 / 1000)) ORDER BY',
    );
    expect(values.slice(1, 4)).toEqual(['77', 1000, 2000]);
  });

  test('of a type that others precede, only what is left', () => {
    const types = ['Account', 'Observation', 'Patient'];
    expect(scanBranches(scan({ types })).map(({ position }) => position)).toEqual(['', ...types]);
    const after = { type: 'Observation', rid: '1' };
    expect(scanBranches(scan({ types, after })).map(({ position }) => position)).toEqual([
      'Observation',
      'Patient',
    ]);
    const begun = scanBranches(scan({ types, after: { type: '', rid: '1' } }));
    expect(begun.map(({ position }) => position)).toEqual(['', ...types]);
  });
});

describe('pages that end before they are full', () => {
  const page = (more: Partial<EverythingQuery>, after?: ScanPosition) =>
    store.everything.page({ owners: { type: 'Patient', ids: ['p'] }, care: {}, count: 1000, ...more }, after);

  test('the content of a page is bounded', async () => {
    await put('Patient/p', {});
    const text = 'x'.repeat(PAGE_BYTES_MAX / 4);
    for (const id of ['1', '2', '3', '4', '5']) {
      await put(`Communication/${id}`, { subject: { reference: 'Patient/p' }, note: [{ text }] });
    }
    const first = await page({});
    expect(first.matches.map(({ id }) => id)).toEqual(['p', '1', '2', '3']);
    expect(first.next?.type).toBe('Communication');
    const second = await page({}, first.next);
    expect(second.matches.map(({ id }) => id)).toEqual(['4', '5']);
    expect(second.next).toBeUndefined();
  });

  test('where little is wanted of much, a bounded part of it is looked at', async () => {
    const parts = { subject: { reference: 'Patient/q' }, author: { reference: 'Practitioner/e' } };
    await Promise.all(Array.from({ length: SCANNED_MAX + 5 }, (_, i) => put(`Basic/${i}`, parts)));
    await put('Patient/q', {});
    await put('Practitioner/e', {});
    const wanted = { owners: { type: 'Patient', ids: ['q'] }, types: new Set(['Practitioner']) };
    const first = await page(wanted);
    expect([first.matches, first.referenced.map(({ id }) => id)]).toEqual([[], ['e']]);
    const second = await page(wanted, first.next);
    expect([second.matches, second.referenced.map(({ id }) => id)]).toEqual([[], ['e']]);
    expect(second.next).toBeUndefined();
  });

  test('nobody has nothing', async () => {
    expect(await page({ owners: { type: 'Patient', ids: [] } })).toEqual({
      matches: [],
      referenced: [],
      truncated: false,
    });
  });
});
