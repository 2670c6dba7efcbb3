import { expect, test } from '@jest/globals';
import type { PagePosition } from '../../../../src/store/search/found.ts';
import type { Shape } from '../../../../src/store/search/plan/plan.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { Statements } from './statements.ts';

const WALK: Shape = { kind: 'walk', along: 'owners' };
const FIND: Shape = { kind: 'find', by: 'owners', driving: [0] };
const at = (values: (string | null)[], backwards = false): PagePosition => ({ values, rid: '9', backwards });

interface Case {
  url: string;
  shape: Shape;
  position?: PagePosition;
  sql: string;
  /** Those between the number of rows and of bytes. */
  values: unknown[];
}

/** As in shapes.test.ts. */
const CASES: Case[] = [
  {
    url: 'Observation?patient.name=smi',
    shape: WALK,
    sql: `SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.rid = ANY (ARRAY (SELECT s.rid + 0 AS rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4)) AND t1.method <> 'D')) ORDER BY m.pat, m.date_lo DESC NULLS FIRST, m.rid LIMIT $1::bigint`,
    values: [1097391493228609164n, 'smi', 'smj'],
  },
  {
    url: 'Observation?patient.identifier=5',
    shape: WALK,
    position: at(['3', '2020-01-01 00:00:00+00']),
    sql: `SELECT * FROM ((SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat = $3::bigint AND m.date_lo = $5::timestamptz AND m.rid > $4::bigint ORDER BY m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat = $3::bigint AND m.date_lo < $5::timestamptz ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat > $3::bigint ORDER BY m.pat, m.date_lo DESC NULLS FIRST, m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [[-3747102297038805844n], '3', '9', '2020-01-01 00:00:00+00'],
  },
  {
    url: 'Observation?patient.identifier=5',
    shape: WALK,
    position: at(['3', null]),
    sql: `SELECT * FROM ((SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat = $3::bigint AND m.date_lo IS NULL AND m.rid > $4::bigint ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat = $3::bigint AND m.date_lo IS NOT NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat > $3::bigint ORDER BY m.pat, m.date_lo DESC NULLS FIRST, m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [[-3747102297038805844n], '3', '9'],
  },
  {
    url: 'Observation?patient.identifier=5',
    shape: WALK,
    position: at(['3', '2020-01-01 00:00:00+00'], true),
    sql: `SELECT * FROM ((SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat = $3::bigint AND m.date_lo = $5::timestamptz AND m.rid < $4::bigint ORDER BY m.rid DESC LIMIT $1::bigint) UNION ALL (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat = $3::bigint AND m.date_lo > $5::timestamptz ORDER BY m.date_lo, m.rid DESC LIMIT $1::bigint) UNION ALL (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat = $3::bigint AND m.date_lo IS NULL ORDER BY m.date_lo, m.rid DESC LIMIT $1::bigint) UNION ALL (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND m.pat < $3::bigint ORDER BY m.pat DESC, m.date_lo NULLS LAST, m.rid DESC LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [[-3747102297038805844n], '3', '9', '2020-01-01 00:00:00+00'],
  },
  {
    url: 'Observation?patient.identifier=5',
    shape: FIND,
    position: at(['3', '2020-01-01 00:00:00+00'], true),
    sql: `SELECT * FROM (SELECT <row>, m.pat AS k1, m.date_lo AS k2, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) OFFSET 0) f WHERE (k1 < $5::bigint OR (k1 = $5::bigint AND (k2 > $4::timestamptz OR k2 IS NULL OR (k2 = $4::timestamptz AND rid < $3::bigint)))) ORDER BY k1 DESC, k2 NULLS LAST, rid DESC LIMIT $1::bigint`,
    values: [[-3747102297038805844n], '9', '2020-01-01 00:00:00+00', '3'],
  },
];

const statements = new Statements(await r4Definitions());

test.each(CASES)('the SQL of $url by $shape from $position', ({ url, shape, position, sql, values }) => {
  const found = statements.rows(url, shape, position, { implied: true });
  expect(found).toEqual({ sql, values: [21, ...values, 32 * 2 ** 20], isFixed: true });
});
