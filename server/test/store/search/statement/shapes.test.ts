import { beforeAll, describe, expect, test } from '@jest/globals';
import type { PagePosition } from '../../../../src/store/search/found.ts';
import type { Find, Shape, Walk } from '../../../../src/store/search/plan/plan.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { Statements } from './statements.ts';

const walk = (along: Walk['along'], guard?: number): Shape =>
  guard === undefined ? { kind: 'walk', along } : { kind: 'walk', along, guard };
const find = (by: Find['by'], ...driving: number[]): Shape => ({ kind: 'find', by, driving });
const at = (values: (string | null)[], backwards = false): PagePosition => ({ values, rid: '9', backwards });

interface Case {
  url: string;
  shape: Shape;
  position?: PagePosition;
  how?: { implied?: boolean; eachOnce?: boolean };
  sql: string;
  /** Those between the number of rows and of bytes, which are the same for all. */
  values: unknown[];
  isFixed?: boolean;
}

/** Exactly what PostgreSQL is asked; the columns of a row are written as `<row>`. */
const CASES: Case[] = [
  {
    url: 'Patient?gender=female',
    shape: walk('row'),
    sql: `SELECT <row>, m.content FROM patient m WHERE m.method <> 'D' AND (m.keys @> $2::bigint[]) IS TRUE ORDER BY m.rid LIMIT $1::bigint`,
    values: [[8560593307499148098n]],
  },
  {
    url: 'Patient?gender=female',
    shape: walk('row', 5000),
    position: at([]),
    sql: `SELECT * FROM ((SELECT <row>, m.content FROM (SELECT m.* FROM patient m WHERE m.rid > $3::bigint ORDER BY m.rid LIMIT $4::bigint) m WHERE m.method <> 'D' AND (m.keys @> $2::bigint[]) IS TRUE ORDER BY m.rid LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM patient m WHERE m.rid > $3::bigint ORDER BY m.rid OFFSET $4::bigint LIMIT 1))) s LIMIT $1::bigint`,
    values: [[8560593307499148098n], '9', 5000],
  },
  {
    url: 'Patient?name=Smi&gender=female',
    shape: walk('prefix'),
    how: { implied: true },
    sql: `SELECT r.* FROM (SELECT DISTINCT ON (value, rid) value, rid FROM ((SELECT s.value, s.rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4 ORDER BY value, rid)) u ORDER BY value, rid) d CROSS JOIN LATERAL (SELECT <row>, d.value AS k1, m.content FROM patient m WHERE m.rid = d.rid AND m.method <> 'D' AND (m.keys @> $5::bigint[]) IS TRUE OFFSET 0) r ORDER BY d.value, d.rid LIMIT $1::bigint`,
    values: [1097391493228609164n, 'smi', 'smj', [8560593307499148098n]],
  },
  {
    url: 'Patient?family=a,b',
    shape: walk('prefix'),
    how: { implied: true, eachOnce: true },
    sql: `SELECT r.* FROM (SELECT DISTINCT ON (value, rid) value, rid FROM ((SELECT s.value, s.rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4 ORDER BY value, rid) UNION ALL (SELECT s.value, s.rid FROM patient_strings s WHERE s.param = $5::bigint AND s.value >= $6 AND s.value < $7 ORDER BY value, rid)) u ORDER BY value, rid) d CROSS JOIN LATERAL (SELECT <row>, d.value AS k1, m.content FROM patient m WHERE m.rid = d.rid AND m.method <> 'D' OFFSET 0) r WHERE NOT EXISTS (SELECT FROM patient_strings e WHERE e.rid = d.rid AND e.value < d.value AND (((e.param # 0) = $8::bigint AND e.value >= $9 AND e.value < $10) OR ((e.param # 0) = $11::bigint AND e.value >= $12 AND e.value < $13))) ORDER BY d.value, d.rid LIMIT $1::bigint`,
    values: [
      5560679804172650126n,
      'a',
      'b',
      5560679804172650126n,
      'b',
      'c',
      5560679804172650126n,
      'a',
      'b',
      5560679804172650126n,
      'b',
      'c',
    ],
  },
  {
    url: 'Patient?name=Smi',
    shape: walk('prefix', 700),
    how: { implied: true },
    position: at(['smith'], true),
    sql: `SELECT * FROM ((SELECT r.* FROM (SELECT d.* FROM (SELECT DISTINCT ON (value, rid) value, rid FROM ((SELECT s.value, s.rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4 ORDER BY value DESC, rid DESC)) u ORDER BY value DESC, rid DESC) d WHERE NOT EXISTS (SELECT FROM patient_strings e WHERE e.rid = d.rid AND e.value < d.value AND ((e.param # 0) = $5::bigint AND e.value >= $6 AND e.value < $7)) AND d.value = $9::text COLLATE "C" AND d.rid < $10::bigint ORDER BY d.rid DESC LIMIT $8::bigint) d CROSS JOIN LATERAL (SELECT <row>, d.value AS k1, m.content FROM patient m WHERE m.rid = d.rid AND m.method <> 'D' OFFSET 0) r ORDER BY d.rid DESC LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM (SELECT DISTINCT ON (value, rid) value, rid FROM ((SELECT s.value, s.rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4 ORDER BY value DESC, rid DESC)) u ORDER BY value DESC, rid DESC) d WHERE NOT EXISTS (SELECT FROM patient_strings e WHERE e.rid = d.rid AND e.value < d.value AND ((e.param # 0) = $5::bigint AND e.value >= $6 AND e.value < $7)) AND d.value = $9::text COLLATE "C" AND d.rid < $10::bigint ORDER BY d.rid DESC OFFSET $8::bigint LIMIT 1)) UNION ALL (SELECT r.* FROM (SELECT d.* FROM (SELECT DISTINCT ON (value, rid) value, rid FROM ((SELECT s.value, s.rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4 ORDER BY value DESC, rid DESC)) u ORDER BY value DESC, rid DESC) d WHERE NOT EXISTS (SELECT FROM patient_strings e WHERE e.rid = d.rid AND e.value < d.value AND ((e.param # 0) = $5::bigint AND e.value >= $6 AND e.value < $7)) AND d.value < $9::text COLLATE "C" ORDER BY d.value DESC, d.rid DESC LIMIT $8::bigint) d CROSS JOIN LATERAL (SELECT <row>, d.value AS k1, m.content FROM patient m WHERE m.rid = d.rid AND m.method <> 'D' OFFSET 0) r ORDER BY d.value DESC, d.rid DESC LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM (SELECT DISTINCT ON (value, rid) value, rid FROM ((SELECT s.value, s.rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4 ORDER BY value DESC, rid DESC)) u ORDER BY value DESC, rid DESC) d WHERE NOT EXISTS (SELECT FROM patient_strings e WHERE e.rid = d.rid AND e.value < d.value AND ((e.param # 0) = $5::bigint AND e.value >= $6 AND e.value < $7)) AND d.value < $9::text COLLATE "C" ORDER BY d.value DESC, d.rid DESC OFFSET $8::bigint LIMIT 1))) s LIMIT $1::bigint`,
    values: [1097391493228609164n, 'smi', 'smj', 1097391493228609164n, 'smi', 'smj', 700, 'smith', '9'],
  },
  {
    url: 'Patient?name=Smi&identifier=x',
    shape: find('keys', 1),
    how: { implied: true },
    position: at(['smith']),
    sql: `SELECT * FROM (SELECT <row>, (SELECT min(s.value) FROM patient_strings s WHERE s.rid = m.rid AND ((s.param # 0) = $5::bigint AND s.value >= $6 AND s.value < $7)) AS k1, m.content FROM patient m WHERE m.method <> 'D' AND m.keys @> $2::bigint[] AND EXISTS (SELECT FROM patient_strings s1 WHERE s1.rid = m.rid AND s1.param = $3::bigint AND s1.value LIKE $4) OFFSET 0) f WHERE (k1 > $9::text COLLATE "C" OR (k1 = $9::text COLLATE "C" AND rid > $8::bigint)) ORDER BY k1, rid LIMIT $1::bigint`,
    values: [
      [80572405095537300n],
      1097391493228609164n,
      'smi%',
      1097391493228609164n,
      'smi',
      'smj',
      '9',
      'smith',
    ],
    isFixed: false,
  },
  {
    url: 'Observation?subject:Patient.identifier=5&status=final',
    shape: find('owners', 0),
    sql: `SELECT * FROM (SELECT <row>, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.keys @> $2::bigint[] AND t1.method <> 'D')) AND (m.keys @> $3::bigint[]) IS TRUE OFFSET 0) f ORDER BY rid LIMIT $1::bigint`,
    values: [[-3747102297038805844n], [-5125981566745283079n]],
  },
  {
    url: 'Observation?patient.name=smi&_sort=-date',
    shape: walk('main-date'),
    sql: `SELECT * FROM ((SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND (m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.rid = ANY (ARRAY (SELECT s.rid + 0 AS rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4)) AND t1.method <> 'D'))) IS TRUE AND m.date_lo IS NOT NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND (m.pat = ANY (ARRAY (SELECT t1.self FROM patient t1 WHERE t1.rid = ANY (ARRAY (SELECT s.rid + 0 AS rid FROM patient_strings s WHERE s.param = $2::bigint AND s.value >= $3 AND s.value < $4)) AND t1.method <> 'D'))) IS TRUE AND m.date_lo IS NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [1097391493228609164n, 'smi', 'smj'],
  },
  {
    url: 'Patient',
    shape: walk('row'),
    position: at([], true),
    sql: `SELECT <row>, m.content FROM patient m WHERE m.method <> 'D' AND m.rid < $2::bigint ORDER BY m.rid DESC LIMIT $1::bigint`,
    values: ['9'],
  },
  {
    url: 'Observation?_sort=-date&category=laboratory',
    shape: walk('main-date'),
    sql: `SELECT * FROM ((SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND (m.keys @> $2::bigint[]) IS TRUE AND m.date_lo IS NOT NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND (m.keys @> $2::bigint[]) IS TRUE AND m.date_lo IS NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [[-8285733979580053044n]],
  },
  {
    url: 'Observation?_sort=-date',
    shape: walk('main-date'),
    position: at(['2020-01-01 00:00:00+00']),
    sql: `SELECT * FROM ((SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND m.date_lo IS NOT NULL AND m.date_lo = $2::timestamptz AND m.rid > $3::bigint ORDER BY m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND m.date_lo IS NOT NULL AND m.date_lo < $2::timestamptz ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND m.date_lo IS NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: ['2020-01-01 00:00:00+00', '9'],
  },
  {
    url: 'Observation?_sort=date',
    shape: walk('main-date'),
    position: at([null], true),
    sql: `SELECT * FROM ((SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND m.date_lo IS NULL AND m.rid < $2::bigint ORDER BY m.date_lo, m.rid DESC LIMIT $1::bigint) UNION ALL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND m.date_lo IS NOT NULL ORDER BY m.date_lo DESC, m.rid DESC LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: ['9'],
  },
  {
    url: 'Observation?patient=a&code=x&_sort=-date',
    shape: walk('patient'),
    sql: `SELECT * FROM ((SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = $2::bigint AND (m.keys @> $3::bigint[]) IS TRUE AND m.date_lo IS NOT NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = $2::bigint AND (m.keys @> $3::bigint[]) IS TRUE AND m.date_lo IS NULL ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [5778127730804395026n, [-4504833054050630811n]],
  },
  {
    url: 'Observation?code=x&_sort=-date',
    shape: walk('ordered'),
    sql: `SELECT * FROM ((SELECT r.* FROM observation_ordered d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NOT NULL AND m.method <> 'D' OFFSET 0) r WHERE d.key = $2::bigint ORDER BY d.date DESC, d.rid LIMIT $1::bigint) UNION ALL (SELECT r.* FROM observation_ordered d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NULL AND m.method <> 'D' OFFSET 0) r WHERE d.key = $2::bigint AND d.date = '-infinity' ORDER BY d.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [-4504833054050630811n],
  },
  {
    url: 'Observation?code=x,y&status=final&_sort=date',
    shape: walk('ordered'),
    sql: `SELECT * FROM ((SELECT r.* FROM (SELECT DISTINCT ON (date, rid) date, rid FROM ((SELECT d.date, d.rid FROM observation_ordered d WHERE d.key = $2::bigint ORDER BY date, rid) UNION ALL (SELECT d.date, d.rid FROM observation_ordered d WHERE d.key = $3::bigint ORDER BY date, rid)) u ORDER BY date, rid) d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NOT NULL AND m.method <> 'D' AND (m.keys @> $4::bigint[]) IS TRUE OFFSET 0) r ORDER BY d.date, d.rid LIMIT $1::bigint) UNION ALL (SELECT r.* FROM (SELECT DISTINCT ON (date, rid) date, rid FROM ((SELECT d.date, d.rid FROM observation_ordered d WHERE d.key = $2::bigint ORDER BY date, rid) UNION ALL (SELECT d.date, d.rid FROM observation_ordered d WHERE d.key = $3::bigint ORDER BY date, rid)) u ORDER BY date, rid) d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NULL AND m.method <> 'D' AND (m.keys @> $4::bigint[]) IS TRUE OFFSET 0) r WHERE d.date = '-infinity' ORDER BY d.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [-4504833054050630811n, -6453895258823345444n, [-5125981566745283079n]],
  },
  {
    url: 'Observation?status=final&_sort=-_lastUpdated',
    shape: walk('last-updated'),
    position: at(['2020-01-01 00:00:00+00']),
    sql: `SELECT * FROM ((SELECT r.* FROM "s".changes d CROSS JOIN LATERAL (SELECT <row>, m.last_updated AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.version = d.version AND m.method <> 'D' AND (m.keys @> $4::bigint[]) IS TRUE OFFSET 0) r WHERE d.type = 'Observation' AND d.last_updated = $5::timestamptz AND d.rid > $6::bigint AND (coalesce(d.keys_a, -1) & $2::bigint = $2::bigint AND coalesce(d.keys_b, -1) & $3::bigint = $3::bigint) ORDER BY d.rid LIMIT $1::bigint) UNION ALL (SELECT r.* FROM "s".changes d CROSS JOIN LATERAL (SELECT <row>, m.last_updated AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.version = d.version AND m.method <> 'D' AND (m.keys @> $4::bigint[]) IS TRUE OFFSET 0) r WHERE d.type = 'Observation' AND d.last_updated < $5::timestamptz AND (coalesce(d.keys_a, -1) & $2::bigint = $2::bigint AND coalesce(d.keys_b, -1) & $3::bigint = $3::bigint) ORDER BY d.last_updated DESC, d.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [144115188075855872n, 9007199254740992n, [-5125981566745283079n], '2020-01-01 00:00:00+00', '9'],
  },
  {
    url: 'Observation?status=final&_sort=-_lastUpdated',
    shape: walk('last-updated', 7000),
    sql: `SELECT * FROM ((SELECT r.* FROM (SELECT d.* FROM "s".changes d WHERE d.type = 'Observation' ORDER BY d.last_updated DESC FETCH FIRST ($5::bigint) ROWS WITH TIES) d CROSS JOIN LATERAL (SELECT <row>, m.last_updated AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.version = d.version AND m.method <> 'D' AND (m.keys @> $4::bigint[]) IS TRUE OFFSET 0) r WHERE (coalesce(d.keys_a, -1) & $2::bigint = $2::bigint AND coalesce(d.keys_b, -1) & $3::bigint = $3::bigint) ORDER BY d.last_updated DESC, d.rid LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM "s".changes d WHERE d.type = 'Observation' ORDER BY d.last_updated DESC OFFSET $5::bigint LIMIT 1))) s LIMIT $1::bigint`,
    values: [144115188075855872n, 9007199254740992n, [-5125981566745283079n], 7000],
  },
  {
    url: 'Patient?_sort=family&name=x',
    shape: walk('strings'),
    sql: `SELECT * FROM ((SELECT r.* FROM patient_strings d CROSS JOIN LATERAL (SELECT <row>, (SELECT min(s.value) FROM patient_strings s WHERE s.rid = m.rid AND (s.param # 0) = ANY ($2::bigint[])) AS k1, m.content FROM patient m WHERE m.rid = d.rid AND m.method <> 'D' AND EXISTS (SELECT FROM patient_strings s1 WHERE s1.rid = m.rid AND s1.param = $4::bigint AND s1.value LIKE $5) OFFSET 0) r WHERE d.param = $3::bigint AND NOT EXISTS (SELECT FROM patient_strings e WHERE e.rid = d.rid AND (e.param # 0) = $3::bigint AND (e.value, e.exact) < (d.value, d.exact)) ORDER BY d.value, d.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, (SELECT min(s.value) FROM patient_strings s WHERE s.rid = m.rid AND (s.param # 0) = ANY ($2::bigint[])) AS k1, m.content FROM patient m WHERE m.method <> 'D' AND EXISTS (SELECT FROM patient_strings s1 WHERE s1.rid = m.rid AND s1.param = $4::bigint AND s1.value LIKE $5) AND NOT EXISTS (SELECT FROM patient_strings e WHERE e.rid = m.rid AND (e.param # 0) = $3::bigint) ORDER BY m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [[5560679804172650126n], 5560679804172650126n, 1097391493228609164n, 'x%'],
  },
  {
    url: 'Encounter?_sort=-location-period',
    shape: walk('ranges'),
    sql: `SELECT * FROM ((SELECT r.* FROM encounter_ranges d CROSS JOIN LATERAL (SELECT <row>, (SELECT max(s.lo) FROM encounter_ranges s WHERE s.rid = m.rid AND (s.param # 0) = ANY ($2::bigint[])) AS k1, m.content FROM encounter m WHERE m.rid = d.rid AND m.method <> 'D' OFFSET 0) r WHERE d.param = $3::bigint AND d.unit = 0 AND NOT EXISTS (SELECT FROM encounter_ranges e WHERE e.rid = d.rid AND (e.param # 0) = $3::bigint AND (e.lo, e.hi) > (d.lo, d.hi)) ORDER BY d.lo DESC, d.rid LIMIT $1::bigint) UNION ALL (SELECT <row>, (SELECT max(s.lo) FROM encounter_ranges s WHERE s.rid = m.rid AND (s.param # 0) = ANY ($2::bigint[])) AS k1, m.content FROM encounter m WHERE m.method <> 'D' AND NOT EXISTS (SELECT FROM encounter_ranges e WHERE e.rid = m.rid AND (e.param # 0) = $3::bigint) ORDER BY m.rid LIMIT $1::bigint)) s LIMIT $1::bigint`,
    values: [[-2828156663635535009n], -2828156663635535009n],
  },
  {
    url: 'Patient?birthdate=1980&_sort=-birthdate',
    shape: walk('main-date', 700),
    position: at(['1980-05-05 00:00:00+00']),
    sql: `SELECT * FROM ((SELECT <row>, m.date_lo AS k1, m.content FROM (SELECT m.* FROM patient m WHERE m.date_lo IS NOT NULL AND m.date_lo >= to_timestamp($2::float8 / 1000) AND m.date_lo <= to_timestamp($3::float8 / 1000) AND m.date_lo = $7::timestamptz AND m.rid > $8::bigint ORDER BY m.rid LIMIT $6::bigint) m WHERE m.method <> 'D' AND ((m.date_lo IS NOT NULL AND (m.date_lo >= to_timestamp($5::float8 / 1000) AND m.date_lo <= to_timestamp($4::float8 / 1000) AND m.date_hi <= to_timestamp($4::float8 / 1000)))) IS TRUE ORDER BY m.rid LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM patient m WHERE m.date_lo IS NOT NULL AND m.date_lo >= to_timestamp($2::float8 / 1000) AND m.date_lo <= to_timestamp($3::float8 / 1000) AND m.date_lo = $7::timestamptz AND m.rid > $8::bigint ORDER BY m.rid OFFSET $6::bigint LIMIT 1)) UNION ALL (SELECT <row>, m.date_lo AS k1, m.content FROM (SELECT m.* FROM patient m WHERE m.date_lo IS NOT NULL AND m.date_lo >= to_timestamp($2::float8 / 1000) AND m.date_lo <= to_timestamp($3::float8 / 1000) AND m.date_lo < $7::timestamptz ORDER BY m.date_lo DESC, m.rid LIMIT $6::bigint) m WHERE m.method <> 'D' AND ((m.date_lo IS NOT NULL AND (m.date_lo >= to_timestamp($5::float8 / 1000) AND m.date_lo <= to_timestamp($4::float8 / 1000) AND m.date_hi <= to_timestamp($4::float8 / 1000)))) IS TRUE ORDER BY m.date_lo DESC, m.rid LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM patient m WHERE m.date_lo IS NOT NULL AND m.date_lo >= to_timestamp($2::float8 / 1000) AND m.date_lo <= to_timestamp($3::float8 / 1000) AND m.date_lo < $7::timestamptz ORDER BY m.date_lo DESC, m.rid OFFSET $6::bigint LIMIT 1))) s LIMIT $1::bigint`,
    values: [315532800000, 347155199999, 347155199999, 315532800000, 700, '1980-05-05 00:00:00+00', '9'],
  },
  {
    url: 'Observation?code=x&status=final&_sort=-date',
    shape: walk('ordered', 700),
    sql: `SELECT * FROM ((SELECT r.* FROM (SELECT d.* FROM observation_ordered d WHERE d.key = $2::bigint ORDER BY d.date DESC, d.rid LIMIT $4::bigint) d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NOT NULL AND m.method <> 'D' AND (m.keys @> $3::bigint[]) IS TRUE OFFSET 0) r ORDER BY d.date DESC, d.rid LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM observation_ordered d WHERE d.key = $2::bigint ORDER BY d.date DESC, d.rid OFFSET $4::bigint LIMIT 1)) UNION ALL (SELECT r.* FROM (SELECT d.* FROM observation_ordered d WHERE d.key = $2::bigint AND d.date = '-infinity' ORDER BY d.rid LIMIT $4::bigint) d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NULL AND m.method <> 'D' AND (m.keys @> $3::bigint[]) IS TRUE OFFSET 0) r ORDER BY d.rid LIMIT $1::bigint) UNION ALL (SELECT NULL, NULL, NULL, NULL FROM generate_series(1, $1::bigint) WHERE EXISTS (SELECT FROM observation_ordered d WHERE d.key = $2::bigint AND d.date = '-infinity' ORDER BY d.rid OFFSET $4::bigint LIMIT 1))) s LIMIT $1::bigint`,
    values: [-4504833054050630811n, [-5125981566745283079n], 700],
  },
  {
    url: 'Observation?code=x&date=sa2019&date=lt2020-01-01&_sort=-date',
    shape: walk('ordered'),
    sql: `SELECT r.* FROM observation_ordered d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NOT NULL AND m.method <> 'D' AND ((m.date_lo IS NOT NULL AND m.date_lo > to_timestamp($5::float8 / 1000))) IS TRUE AND ((m.date_lo IS NOT NULL AND m.date_lo < to_timestamp($6::float8 / 1000))) IS TRUE OFFSET 0) r WHERE d.key = $2::bigint AND d.date >= to_timestamp($3::float8 / 1000) AND d.date <= to_timestamp($4::float8 / 1000) ORDER BY d.date DESC, d.rid LIMIT $1::bigint`,
    values: [-4504833054050630811n, 1577836799999, 1577836800000, 1577836799999, 1577836800000],
  },
  {
    url: 'Observation?patient=p&code=urn:c|x&date=sa2019&_sort=-date',
    shape: walk('patient-ordered'),
    sql: `SELECT r.* FROM observation_ordered d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NOT NULL AND m.method <> 'D' AND (m.keys @> $4::bigint[]) IS TRUE AND ((m.date_lo IS NOT NULL AND m.date_lo > to_timestamp($5::float8 / 1000))) IS TRUE OFFSET 0) r WHERE d.key = $2::bigint AND d.date >= to_timestamp($3::float8 / 1000) ORDER BY d.date DESC, d.rid LIMIT $1::bigint`,
    values: [188251730309801934n, 1577836799999, [-1425501219342823902n], 1577836799999],
  },
  {
    url: 'Observation?code=x,y&value-quantity=gt5&date=sa2019&_sort=-date',
    shape: walk('ordered'),
    sql: `SELECT r.* FROM (SELECT DISTINCT ON (date, rid) date, rid FROM ((SELECT d.date, d.rid FROM observation_ordered d WHERE d.key = $2::bigint AND d.quantity >= $4::real ORDER BY date DESC, rid) UNION ALL (SELECT d.date, d.rid FROM observation_ordered d WHERE d.key = $3::bigint AND d.quantity >= $4::real ORDER BY date DESC, rid)) u ORDER BY date DESC, rid) d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NOT NULL AND m.method <> 'D' AND EXISTS (SELECT FROM observation_ranges s1 WHERE s1.rid = m.rid AND s1.param = ANY ($6::bigint[]) AND s1.hi > $7::float8) AND ((m.date_lo IS NOT NULL AND m.date_lo > to_timestamp($8::float8 / 1000))) IS TRUE OFFSET 0) r WHERE d.date >= to_timestamp($5::float8 / 1000) ORDER BY d.date DESC, d.rid LIMIT $1::bigint`,
    values: [
      -4504833054050630811n,
      -6453895258823345444n,
      5,
      1577836799999,
      [4957111098475774642n, 1246562282631859323n],
      5,
      1577836799999,
    ],
  },
  {
    url: 'Observation?code=x&value-quantity=5.4|http://unitsofmeasure.org|mg,lt7&date=sa2019&_sort=-date',
    shape: walk('ordered'),
    sql: `SELECT r.* FROM observation_ordered d CROSS JOIN LATERAL (SELECT <row>, m.date_lo AS k1, m.content FROM observation m WHERE m.rid = d.rid AND m.date_lo IS NOT NULL AND m.method <> 'D' AND (EXISTS (SELECT FROM observation_ranges s1 WHERE s1.rid = m.rid AND s1.param = ANY ($7::bigint[]) AND s1.unit = $8::bigint AND (s1.lo >= $10::float8 AND s1.lo < $9::float8 AND s1.hi < $9::float8)) OR EXISTS (SELECT FROM observation_ranges s2 WHERE s2.rid = m.rid AND s2.param = ANY ($11::bigint[]) AND s2.lo < $12::float8)) AND ((m.date_lo IS NOT NULL AND m.date_lo > to_timestamp($13::float8 / 1000))) IS TRUE OFFSET 0) r WHERE d.key = $2::bigint AND ((d.base_quantity >= $3::real AND d.base_quantity <= $4::real OR d.base_quantity = 'NaN'::real) OR (d.quantity <= $5::real OR d.quantity = 'NaN'::real)) AND d.date >= to_timestamp($6::float8 / 1000) ORDER BY d.date DESC, d.rid LIMIT $1::bigint`,
    values: [
      -4504833054050630811n,
      Math.fround(0.00535),
      Math.fround(0.00545),
      7,
      1577836799999,
      [-1993659174845339688n, 6963738050219983006n],
      5933217697171820577n,
      0.00544999999999455,
      0.00534999999999465,
      [4957111098475774642n, 1246562282631859323n],
      7,
      1577836799999,
    ],
  },
  {
    url: 'Patient?_has:Observation:patient:code=x',
    shape: walk('row'),
    sql: `SELECT <row>, m.content FROM patient m WHERE m.method <> 'D' AND EXISTS (SELECT FROM observation_ordered d2 WHERE d2.key = m.self # $2::bigint) ORDER BY m.rid LIMIT $1::bigint`,
    values: [-4504833054050630811n],
  },
  {
    url: 'Patient?_has:Observation:patient:code=urn:c|x',
    shape: walk('row'),
    sql: `SELECT <row>, m.content FROM patient m WHERE m.method <> 'D' AND EXISTS (SELECT FROM observation_ordered d2, observation t1 WHERE d2.key = m.self # $2::bigint AND t1.rid = d2.rid AND t1.method <> 'D' AND (t1.keys @> $3::bigint[]) IS TRUE) ORDER BY m.rid LIMIT $1::bigint`,
    values: [-4504833054050630811n, [-1425501219342823902n]],
  },
  {
    url: 'Patient?family=x&_sort=-family,birthdate',
    shape: find('planner'),
    position: at(['a', null], true),
    sql: `SELECT * FROM (SELECT <row>, (SELECT max(s.value) FROM patient_strings s WHERE s.rid = m.rid AND (s.param # 0) = ANY ($2::bigint[])) AS k1, m.date_lo AS k2, m.content FROM patient m WHERE m.method <> 'D' AND EXISTS (SELECT FROM patient_strings s1 WHERE s1.rid = m.rid AND s1.param = $3::bigint AND s1.value LIKE $4) OFFSET 0) f WHERE (k1 > $6::text COLLATE "C" OR (k1 = $6::text COLLATE "C" AND (k2 IS NOT NULL OR (k2 IS NULL AND rid < $5::bigint)))) ORDER BY k1 NULLS FIRST, k2 DESC NULLS FIRST, rid DESC LIMIT $1::bigint`,
    values: [[5560679804172650126n], 5560679804172650126n, 'x%', '9', 'a'],
    isFixed: false,
  },
  {
    url: 'Patient?identifier=x&gender=male',
    shape: find('keys', 0),
    sql: `SELECT * FROM (SELECT <row>, m.content FROM patient m WHERE m.method <> 'D' AND m.keys @> $2::bigint[] AND (m.keys @> $3::bigint[]) IS TRUE OFFSET 0) f ORDER BY rid LIMIT $1::bigint`,
    values: [[80572405095537300n], [-8830068098815752816n]],
  },
  {
    url: 'Patient?_id=x,y&gender=female',
    shape: find('ids', 0),
    sql: `SELECT * FROM (SELECT <row>, m.content FROM patient m WHERE m.method <> 'D' AND (m.keys @> $2::bigint[]) IS TRUE AND (m.self = ANY ($3::bigint[]) AND m.id = ANY ($4::text[])) OFFSET 0) f ORDER BY rid LIMIT $1::bigint`,
    values: [[8560593307499148098n], [4571287319430244364n, -4744987118566402913n], ['x', 'y']],
  },
  {
    url: 'Patient?identifier=x,y&_sort=-_id',
    shape: find('keys', 0),
    position: at(['b']),
    sql: `SELECT * FROM (SELECT <row>, m.id AS k1, m.content FROM patient m WHERE m.method <> 'D' AND m.keys && $2::bigint[] OFFSET 0) f WHERE (k1 < $4::text COLLATE "C" OR (k1 = $4::text COLLATE "C" AND rid > $3::bigint)) ORDER BY k1 DESC, rid LIMIT $1::bigint`,
    values: [[80572405095537300n, 7352960286845133613n], '9', 'b'],
  },
  {
    url: 'Observation?patient=a&date=2020-01-01',
    shape: find('patient', 0),
    sql: `SELECT * FROM (SELECT <row>, m.content FROM observation m WHERE m.method <> 'D' AND m.pat = $2::bigint AND ((m.date_lo IS NOT NULL AND (m.date_lo >= to_timestamp($4::float8 / 1000) AND m.date_lo <= to_timestamp($3::float8 / 1000) AND m.date_hi <= to_timestamp($3::float8 / 1000)))) IS TRUE OFFSET 0) f ORDER BY rid LIMIT $1::bigint`,
    values: [5778127730804395026n, 1577923199999, 1577836800000],
  },
  {
    url: 'Observation?date=ge2020-01-01&code=x',
    shape: find('main-date'),
    sql: `SELECT * FROM (SELECT <row>, m.content FROM observation m WHERE m.date_lo >= least(to_timestamp($5::float8 / 1000) - '24:00:00'::interval, (SELECT min(o.date_lo) FROM (SELECT l.date_lo FROM observation l WHERE (CASE WHEN isfinite(l.date_lo) AND isfinite(l.date_hi) THEN l.date_hi - l.date_lo > '24:00:00'::interval ELSE l.date_lo IS NOT NULL END) AND l.date_hi >= to_timestamp($5::float8 / 1000) OFFSET 0) o)) AND m.method <> 'D' AND (m.keys @> $2::bigint[]) IS TRUE AND ((m.date_lo IS NOT NULL AND (m.date_hi > to_timestamp($3::float8 / 1000) OR m.date_lo >= to_timestamp($4::float8 / 1000)))) IS TRUE OFFSET 0) f ORDER BY rid LIMIT $1::bigint`,
    values: [[-4504833054050630811n], 1577923199999, 1577836800000, 1577836800000],
  },
  {
    url: 'Observation?_lastUpdated=ge2020-01-01&code=x',
    shape: find('last-updated'),
    sql: `SELECT * FROM (SELECT r.* FROM "s".changes d CROSS JOIN LATERAL (SELECT <row>, m.content FROM observation m WHERE m.rid = d.rid AND m.version = d.version AND m.method <> 'D' AND (m.keys @> $2::bigint[]) IS TRUE AND ((m.last_updated > to_timestamp($3::float8 / 1000) OR m.last_updated >= to_timestamp($4::float8 / 1000))) IS TRUE OFFSET 0) r WHERE d.type = 'Observation' AND d.last_updated >= to_timestamp($5::float8 / 1000) AND (coalesce(d.keys_a, -1) & $6::bigint = $6::bigint AND coalesce(d.keys_b, -1) & $7::bigint = $7::bigint) OFFSET 0) f ORDER BY rid LIMIT $1::bigint`,
    values: [[-4504833054050630811n], 1577923199999, 1577836800000, 1577836800000, 137438953472n, 8n],
  },
  {
    url: 'Patient?name=x&gender=male',
    shape: find('planner'),
    sql: `SELECT * FROM (SELECT <row>, m.content FROM patient m WHERE m.method <> 'D' AND m.keys @> $2::bigint[] AND EXISTS (SELECT FROM patient_strings s1 WHERE s1.rid = m.rid AND s1.param = $3::bigint AND s1.value LIKE $4) OFFSET 0) f ORDER BY rid LIMIT $1::bigint`,
    values: [[-8830068098815752816n], 1097391493228609164n, 'x%'],
    isFixed: false,
  },
];

let statements: Statements;
beforeAll(async () => {
  statements = new Statements(await r4Definitions());
});

describe('the SQL of', () => {
  test.each(CASES)('$url by $shape', ({ url, shape, position, how, sql, values, isFixed = true }) => {
    const found = statements.rows(url, shape, position, how);
    expect(found).toEqual({ sql, values: [21, ...values, 32 * 2 ** 20], isFixed });
  });
});
