import { expect, test } from '@jest/globals';
import { int8Array, textArray } from '../../../../src/store/resource/binaryArray.ts';
import { lookupStatement, quickLookupStatement } from '../../../../src/store/search/include/lookup.ts';

const nothing = { ids: [], keys: [], patients: [], without: [] };
const room = { resources: 10, bytes: 1000 };
const columns = 'm.rid, m.id, m.version, m.last_updated, m.method, m.content';
const placed = (resources: string, bytes: string) => `placed AS MATERIALIZED (
  SELECT n, rid, place = 1 OR place <= ${resources} AND bytes <= ${bytes} AS fits
  FROM (SELECT n, rid, sum(size) OVER w AS bytes, row_number() OVER w AS place FROM found
        WINDOW w AS (ORDER BY n, rid ROWS UNBOUNDED PRECEDING)) w)`;

test('resources by their ids: one look at the unique index', () => {
  const ids = [
    { self: 7n, id: 'a' },
    { self: -8n, id: 'b' },
  ];
  const { text, values, name } = lookupStatement('s', [{ ...nothing, type: 'Patient', ids }], room);
  expect(name).toBe('');
  expect(text).toBe(`WITH found AS MATERIALIZED (
  SELECT n, rid, size FROM (SELECT 0 AS n, rid, size FROM (SELECT m.rid, octet_length(m.content) AS size FROM "s"."patient" m WHERE m.method <> 'D' AND (m.self = ANY ($3::bigint[]) AND m.id = ANY ($2::text[])) ORDER BY m.rid LIMIT $1) f0) f ORDER BY n, rid LIMIT $4),
${placed('$5', '$6')}
SELECT 0 AS n, ${columns}, (SELECT count(*) FROM found) AS found FROM "s"."patient" m
WHERE m.rid = ANY (ARRAY (SELECT rid FROM placed WHERE n = 0 AND fits))`);
  expect(values).toEqual([11, textArray(['a', 'b']), int8Array([7n, -8n]), 11, 10, 1000]);
});

test('several types in one statement, each with what is asked of it and what is there already', () => {
  const { text, values } = lookupStatement(
    's',
    [
      { ...nothing, type: 'Encounter', keys: [1n], without: [2n] },
      { ...nothing, type: 'Observation', ids: [{ self: 3n, id: 'o' }], keys: [4n], patients: [5n] },
    ],
    room,
    (type, parameters) => (type === 'Encounter' ? `m.version > ${parameters.add(6)}` : undefined),
  );
  const [encounters, observations] = text.split('\n').filter((line) => line.includes('octet_length'));
  expect(encounters).toContain(
    `WHERE m.method <> 'D' AND (m.keys && $3::bigint[]) AND m.self <> ALL ($4::bigint[]) AND (m.version > $2) ORDER`,
  );
  expect(observations).toContain(
    `WHERE m.method <> 'D' AND (m.self = ANY ($6::bigint[]) AND m.id = ANY ($5::text[]) OR m.keys && $7::bigint[] OR m.pat = ANY ($8::bigint[])) ORDER`,
  );
  expect(text).toContain(
    'FROM "s"."encounter" m\nWHERE m.rid = ANY (ARRAY (SELECT rid FROM placed WHERE n = 0 AND fits))',
  );
  expect(text).toContain(
    'FROM "s"."observation" m\nWHERE m.rid = ANY (ARRAY (SELECT rid FROM placed WHERE n = 1 AND fits))',
  );
  expect(values).toEqual([
    11,
    6,
    int8Array([1n]),
    int8Array([2n]),
    textArray(['o']),
    int8Array([3n]),
    int8Array([4n]),
    int8Array([5n]),
    11,
    10,
    1000,
  ]);
});

test('where it is not much, in the order in which they are met, without what is too long', () => {
  const { text, values } = quickLookupStatement(
    's',
    [
      { ...nothing, type: 'Encounter', keys: [1n] },
      { ...nothing, type: 'Observation', patients: [5n] },
    ],
    50_000,
    (type, parameters) => (type === 'Encounter' ? `m.version > ${parameters.add(6)}` : undefined),
  );
  const row = (n: number) =>
    `SELECT ${n} AS n, m.rid, m.id, CASE WHEN octet_length(m.content) <= $1 THEN m.content END AS content`;
  expect(text)
    .toBe(`${row(0)} FROM "s"."encounter" m WHERE m.method <> 'D' AND (m.keys && $3::bigint[]) AND (m.version > $2)
UNION ALL ${row(1)} FROM "s"."observation" m WHERE m.method <> 'D' AND (m.pat = ANY ($4::bigint[])) LIMIT $5`);
  expect(values).toEqual([50, 6, int8Array([1n]), int8Array([5n]), 1001]);
});
