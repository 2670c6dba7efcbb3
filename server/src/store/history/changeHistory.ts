import type { Database } from '../postgres/database.ts';
import { int4Array, int8Array } from '../resource/binaryArray.ts';
import type { Method } from '../resource/types.ts';
import { tableNames, type TableNames } from '../schema/names.ts';
import { fitting } from '../pageBytes.ts';
import { historyHorizon } from './horizon.ts';
import type { HistoryEntry, HistoryFilter, HistoryPage } from './types.ts';

/** Where a page of type or system history ended. */
export interface ChangeCursor {
  lastUpdatedMs: number;
  seq: string;
  /** Horizon of the first page, so that the pages of one reading belong together. */
  horizonMs: number;
}

interface ChangeRow {
  seq: string;
  type: string;
  rid: string;
  version: number;
  last_updated: Date;
  method: Method;
}

/** A version that a page may hold. */
interface Found extends ChangeRow {
  id: string;
  /** Size of its content. */
  bytes: number;
}

/** Change rows read at once while looking for versions that were current at `_at`. */
const CHANGES_READ_MIN = 200;

/** Versions of all resources of a type, or of the whole store, newest first. */
export async function changeHistory(
  database: Database,
  schema: string,
  type: string | undefined,
  filter: HistoryFilter,
  after?: ChangeCursor,
): Promise<HistoryPage<ChangeCursor>> {
  const horizon = after === undefined ? await historyHorizon(database, schema) : new Date(after.horizonMs);
  const wanted = filter.count + 1;
  const found: Found[] = [];
  let cursor = after;
  for (;;) {
    const limit = filter.at === undefined ? wanted - found.length : Math.max(wanted, CHANGES_READ_MIN);
    const changes = await readChanges(database, schema, type, filter, horizon, cursor, limit);
    for (const version of await currentThen(database, schema, changes, filter)) found.push(version);
    if (changes.length < limit || found.length >= wanted) break;
    cursor = cursorAt(changes.at(-1)!, horizon);
  }
  const candidates = found.slice(0, filter.count);
  const page = candidates.slice(0, fitting(candidates.map(({ bytes }) => bytes)));
  const entries = await withContent(database, schema, page);
  return found.length > page.length ? { entries, next: cursorAt(page.at(-1)!, horizon) } : { entries };
}

const cursorAt = ({ last_updated, seq }: ChangeRow, horizon: Date): ChangeCursor => ({
  lastUpdatedMs: last_updated.getTime(),
  seq,
  horizonMs: horizon.getTime(),
});

async function readChanges(
  database: Database,
  schema: string,
  type: string | undefined,
  filter: HistoryFilter,
  horizon: Date,
  after: ChangeCursor | undefined,
  limit: number,
): Promise<ChangeRow[]> {
  const result = await database.search({
    name: '',
    text: `SELECT seq, type, rid, version, last_updated, method FROM "${schema}".changes
      WHERE last_updated <= $1 AND ($7::text IS NULL OR type = $7)
        AND ($2::timestamptz IS NULL OR last_updated >= $2)
        AND ($3::timestamptz IS NULL OR last_updated <= $3)
        AND ($4::timestamptz IS NULL OR (last_updated, seq) < ($4, $5::bigint))
      ORDER BY last_updated DESC, seq DESC LIMIT $6`,
    values: [
      horizon,
      filter.since ?? null,
      filter.at?.to ?? null,
      after === undefined ? null : new Date(after.lastUpdatedMs),
      after?.seq ?? null,
      limit,
      type ?? null,
    ],
  });
  return result.rows as unknown as ChangeRow[];
}

/** Adds ids and sizes, dropping what was not current at `_at`; keeps the order of the changes. */
async function currentThen(
  database: Database,
  schema: string,
  changes: readonly ChangeRow[],
  filter: HistoryFilter,
): Promise<Found[]> {
  const rows = await byType(changes, (type, ofType) =>
    versionRows<DescriptionRow>(database, schema, 'change-sizes', type, ofType, (t) => ({
      columns: `octet_length(CASE WHEN m.version = c.version THEN m.content ELSE h.content END) AS bytes,
        CASE WHEN m.version = c.version THEN NULL WHEN m.version = c.version + 1 THEN m.last_updated ELSE n.last_updated END AS until`,
      join: `LEFT JOIN ${t.history} n ON n.self = m.self AND n.version = c.version + 1`,
    })),
  );
  const from = filter.at?.from;
  return changes.flatMap((change) => {
    const row = rows.get(versionKey(change.type, change));
    if (row === undefined || (from !== undefined && row.until !== null && row.until <= from)) return [];
    return [{ ...change, id: row.id, bytes: row.bytes ?? 0 }];
  });
}

/** The texts of a page. */
async function withContent(
  database: Database,
  schema: string,
  page: readonly Found[],
): Promise<HistoryEntry[]> {
  const rows = await byType(page, (type, ofType) =>
    versionRows<ContentRow>(database, schema, 'change-contents', type, ofType, (t) => ({
      columns: `CASE WHEN m.version = c.version THEN m.content ELSE h.content END AS content,
        coalesce(p.method = 'D', false) AS remade`,
      join: `LEFT JOIN ${t.history} p ON p.self = m.self AND p.version = c.version - 1`,
    })),
  );
  return page.map(({ type, id, version, last_updated: lastUpdated, method, rid }) => {
    const { content, remade } = rows.get(versionKey(type, { rid, version }))!;
    return { type, id, version, lastUpdated, method, content, remade };
  });
}

interface VersionRow {
  rid: string;
  version: number;
  id: string;
}
interface DescriptionRow extends VersionRow {
  bytes: number | null;
  /** When the version was superseded. */
  until: Date | null;
}
interface ContentRow extends VersionRow {
  content: string | null;
  /** Whether the version before was a deletion. */
  remade: boolean;
}

const versionKey = (type: string, { rid, version }: { rid: string; version: number }) =>
  `${type}/${rid}/${version}`;

/** Runs a query for the changes of each type; its rows by `versionKey`. */
async function byType<Row extends VersionRow>(
  changes: readonly ChangeRow[],
  query: (type: string, ofType: ChangeRow[]) => Promise<Row[]>,
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  for (const type of new Set(changes.map((change) => change.type))) {
    const rows = await query(
      type,
      changes.filter((change) => change.type === type),
    );
    for (const row of rows) found.set(versionKey(type, row), row);
  }
  return found;
}

/** Reads something of versions (`c`), each of which is the current one (`m`) or in the history (`h`). */
async function versionRows<Row extends VersionRow>(
  database: Database,
  schema: string,
  name: string,
  type: string,
  changes: readonly ChangeRow[],
  parts: (t: TableNames) => { columns: string; join: string },
): Promise<Row[]> {
  const t = tableNames(schema, type);
  const { columns, join } = parts(t);
  const result = await database.read({
    name: `${name}-${type}`,
    text: `SELECT m.rid, c.version, m.id, ${columns}
      FROM unnest($1::bigint[], $2::integer[]) AS c(rid, version) JOIN ${t.resource} m USING (rid)
        LEFT JOIN ${t.history} h ON h.self = m.self AND h.version = c.version ${join}`,
    values: [
      int8Array(changes.map((change) => change.rid)),
      int4Array(changes.map((change) => change.version)),
    ],
  });
  return result.rows as unknown as Row[];
}
