import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { Indexer, IndexRows } from '../index/rows.ts';
import { NO_MAIN_QUANTITY } from '../index/mainQuantity.ts';
import type { Transaction } from '../postgres/transaction.ts';
import { tableNames, type TableNames } from '../schema/names.ts';
import { compareRows } from './compare.ts';
import { verifySignatures } from './signatures.ts';
import type { Difference, VerifyReport } from './types.ts';

/** Resources compared at once. */
const BATCH_ROWS = 500;

interface MainRow {
  self: string;
  rid: string;
  id: string;
  version: number;
  method: string;
  last_updated: Date;
  content: string | null;
  keys: string[];
  pat: string | null;
  date_lo: number | null;
  date_hi: number | null;
  ordered: string[];
  strings: string[];
  ranges: string[];
}

/** Compares every resource of a type with its index, history and change rows. */
export async function verifyType(
  tx: Transaction,
  schema: string,
  type: string,
  indexer: Indexer,
  report: VerifyReport,
): Promise<void> {
  const sql = batchSql(tableNames(schema, type));
  for (let after = '0'; ;) {
    const result = await tx.query({ name: '', text: sql, values: [after, BATCH_ROWS] });
    const rows = result.rows as unknown as MainRow[];
    for (const row of rows) verifyRow(type, row, indexer, report);
    if (rows.length < BATCH_ROWS) break;
    after = rows.at(-1)!.rid;
  }
  await versionCounts(tx, schema, type, report);
  await verifySignatures(tx, schema, type, report);
  await orphans(tx, schema, type, report);
}

const EMPTY: IndexRows = {
  keys: new BigInt64Array(),
  patient: null,
  dateLoMs: null,
  dateHiMs: null,
  strings: [],
  ranges: [],
  ordered: new BigInt64Array(),
  quantity: NO_MAIN_QUANTITY,
};

function verifyRow(type: string, row: MainRow, indexer: Indexer, report: VerifyReport): void {
  const resource = row.content === null ? undefined : (JSON.parse(row.content) as Resource);
  const expected = resource === undefined ? EMPTY : indexer.index(resource);
  report.resources++;
  report.versions += row.version;
  report.indexRows += row.keys.length + row.ordered.length + row.strings.length + row.ranges.length;
  const differ = (where: string, wanted: readonly string[], found: readonly string[]) => {
    const { missing, surplus } = compareRows(wanted, found);
    if (missing + surplus > 0)
      report.differences.push({ type, id: row.id, where, missing, surplus } satisfies Difference);
  };
  differ('keys', Array.from(expected.keys, String), row.keys);
  differ('self', [String(indexer.selfKey(type, row.id))], [row.self]);
  differ('pat', [String(expected.patient)], [String(row.pat)]);
  differ('date', [expected.dateLoMs, expected.dateHiMs].map(String), [row.date_lo, row.date_hi].map(String));
  const date = expected.dateLoMs ?? -Infinity;
  differ(
    'ordered',
    Array.from(
      expected.ordered,
      (key) => `${key} ${date} ${expected.quantity.written} ${expected.quantity.base}`,
    ),
    row.ordered.map(plainNumbers),
  );
  differ(
    'strings',
    expected.strings.map((s) => `${s.param} ${s.exact} ${s.value}`),
    row.strings,
  );
  differ(
    'ranges',
    expected.ranges.map((r) => `${r.param} ${r.unit} ${r.lo} ${r.hi}`),
    row.ranges.map(plainNumbers),
  );
  if (resource !== undefined) differ('meta', metaOf(row), metaIn(resource));
}

/** PostgreSQL writes 1e-07 where JavaScript writes 1e-7. */
function plainNumbers(row: string): string {
  const [key, second, ...numbers] = row.split(' ');
  return [key, second, ...numbers.map(Number)].join(' ');
}

const metaOf = (row: MainRow) => [row.id, String(row.version), row.last_updated.toISOString()];

function metaIn(resource: Resource): string[] {
  const meta = resource.meta as JsonObject;
  return [resource.id!, String(meta.versionId), String(meta.lastUpdated)];
}

function batchSql(t: TableNames): string {
  const ms = (column: string) => `round(extract(epoch FROM ${column})::float8 * 1000)`;
  return `SELECT m.self, m.rid, m.id, m.version, m.method, m.last_updated, m.content, m.keys::text[] AS keys, m.pat,
    ${ms('m.date_lo')} AS date_lo, ${ms('m.date_hi')} AS date_hi,
    ARRAY(SELECT o.key || ' ' || ${ms('o.date')} || ' ' || o.quantity::float8 || ' ' || o.base_quantity::float8
      FROM ${t.ordered} o WHERE o.rid = m.rid AND o.key = ANY (m.keys || ARRAY(SELECT k # m.pat FROM unnest(m.keys) k WHERE m.pat IS NOT NULL))) AS ordered,
    ARRAY(SELECT s.param || ' ' || s.exact || ' ' || s.value FROM ${t.strings} s WHERE s.rid = m.rid) AS strings,
    ARRAY(SELECT r.param || ' ' || r.unit || ' ' || r.lo || ' ' || r.hi FROM ${t.ranges} r WHERE r.rid = m.rid) AS ranges
  FROM (SELECT * FROM ${t.resource} WHERE rid > $1::bigint ORDER BY rid LIMIT $2) m
  ORDER BY m.rid`;
}

/** Every version but the current one must stand in the history, and every version in the changes. */
async function versionCounts(
  tx: Transaction,
  schema: string,
  type: string,
  report: VerifyReport,
): Promise<void> {
  const t = tableNames(schema, type);
  const counts = {
    history: `SELECT m.id, m.version - 1 AS wanted, count(h.id)::integer AS found
      FROM ${t.resource} m LEFT JOIN ${t.history} h ON h.self = m.self AND h.version < m.version GROUP BY m.self`,
    changes: `SELECT m.id, m.version AS wanted, count(c.rid)::integer AS found
      FROM ${t.resource} m LEFT JOIN "${schema}".changes c ON c.rid = m.rid AND c.type = '${type}' AND c.version <= m.version GROUP BY m.self`,
  };
  for (const [where, text] of Object.entries(counts)) {
    const wrong = await tx.query({
      name: '',
      text: `SELECT * FROM (${text}) n WHERE wanted <> found`,
      values: [],
    });
    for (const { id, wanted, found } of wrong.rows as { id: string; wanted: number; found: number }[]) {
      report.differences.push({
        type,
        id,
        where,
        missing: Math.max(wanted - found, 0),
        surplus: Math.max(found - wanted, 0),
      });
    }
  }
}

/** Rows of resources that are not there at all. */
async function orphans(tx: Transaction, schema: string, type: string, report: VerifyReport): Promise<void> {
  const t = tableNames(schema, type);
  for (const [where, rows, resource] of [
    ['ordered', `${t.ordered} s WHERE true`, 'm.rid = s.rid'],
    ['strings', `${t.strings} s WHERE true`, 'm.rid = s.rid'],
    ['ranges', `${t.ranges} s WHERE true`, 'm.rid = s.rid'],
    ['history', `${t.history} s WHERE true`, 'm.self = s.self AND m.id = s.id'],
    ['changes', `"${schema}".changes s WHERE s.type = '${type}'`, 'm.rid = s.rid'],
  ] as const) {
    const text = `SELECT count(*)::integer AS surplus FROM ${rows}
      AND NOT EXISTS (SELECT 1 FROM ${t.resource} m WHERE ${resource})`;
    const surplus = (await tx.query({ name: '', text, values: [] })).rows[0]!.surplus as number;
    if (surplus > 0) report.differences.push({ type, id: '(none)', where, missing: 0, surplus });
  }
  const text = `SELECT count(*)::integer AS surplus FROM ${t.ordered} o JOIN ${t.resource} m USING (rid) WHERE NOT (o.key = ANY (m.keys) OR coalesce(o.key # m.pat = ANY (m.keys), false))`;
  const surplus = (await tx.query({ name: '', text, values: [] })).rows[0]!.surplus as number;
  if (surplus > 0) report.differences.push({ type, id: '(several)', where: 'ordered', missing: 0, surplus });
}
