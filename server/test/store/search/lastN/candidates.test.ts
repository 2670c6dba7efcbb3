import { beforeAll, expect, test } from '@jest/globals';
import type { Definitions } from '../../../../src/fhir/definitions/types.ts';
import { createIndexQuery } from '../../../../src/store/index/query.ts';
import type { Database, Statement } from '../../../../src/store/postgres/database.ts';
import {
  candidatesStatement,
  CANDIDATES_MAX,
  LastNReader,
} from '../../../../src/store/search/lastN/lastN.ts';
import { r4Definitions } from '../../../support/definitions.ts';

let definitions: Definitions;
const index = () => createIndexQuery(definitions, new Uint8Array(16));

beforeAll(async () => {
  definitions = await r4Definitions();
});

test('each code as it is written is ranked by time', () => {
  const status = {
    kind: 'token' as const,
    parameter: definitions.searchParameter('Observation', 'status')!,
    tokens: [{ code: 'final' }],
  };
  const { text, values } = candidatesStatement({ schema: 's', index: index() }, [status], 3, () => true);
  expect(text).toBe(`SELECT rid, code, date_hi, date_lo FROM (
  SELECT m.rid, c.code, m.date_hi, m.date_lo, rank() OVER (
    PARTITION BY c.code ORDER BY m.date_hi DESC NULLS LAST, m.date_lo DESC NULLS LAST, CASE WHEN m.date_hi IS NULL THEN m.rid END DESC) AS place
  FROM "s"."observation" m CROSS JOIN LATERAL (SELECT (m.content::json -> 'code')::text AS code OFFSET 0) c
  WHERE m.method <> 'D' AND m.keys @> $1::bigint[]) r
WHERE place <= $2 LIMIT $3`);
  expect(values).toEqual([
    index().tokenKeys('Observation', 'status', { code: 'final' }),
    3,
    CANDIDATES_MAX + 1,
  ]);
});

test('more than can be looked at is refused', async () => {
  const asked: Statement[] = [];
  const search = (statement: Statement) => {
    asked.push(statement);
    const row = { rid: '1', code: '{"text":"x"}', date_hi: null, date_lo: null };
    return Promise.resolve({ rows: Array.from({ length: CANDIDATES_MAX + 1 }, () => row) });
  };
  const reader = new LastNReader({
    database: { search } as unknown as Database,
    schema: 's',
    index: index(),
    types: { existing: () => Promise.resolve(['Observation']) },
  });
  await expect(reader.page([], 1, 10)).rejects.toThrow(
    'More than 20000 observations come into question: ask for a smaller max, a category, a code or a period (date).',
  );
  expect(asked).toHaveLength(1);
});
