import { int4Array, int8Array } from '../resource/binaryArray.ts';
import type { Database } from '../postgres/database.ts';
import type { Method } from '../resource/types.ts';
import { fitting } from '../pageBytes.ts';
import { tableNames } from '../schema/names.ts';
import type { Change, ChangePage, Position } from './change.ts';

export interface ChangeQuery {
  after: Position;
  /** Types whose changes are wanted: of others only the position is told. */
  types: readonly string[];
  /** Types of which the version before is wanted as well. */
  previousOf: readonly string[];
  /** Rows that are looked at, at the most. */
  limit: number;
}

interface ChangeRow {
  xid: string;
  seq: string;
  type: string;
  rid: string;
  version: number;
  method: Method;
  last_updated: Date;
  wanted: boolean;
}

interface VersionRow {
  rid: string;
  version: number;
  id: string;
  bytes: number;
}

interface ContentRow {
  content: string | null;
  previous?: string | null;
}

/**
 * Reads `changes` in an order in which nothing can appear later before what was read. The order of `seq` is not that of commits; but a
 * transaction below `pg_snapshot_xmin` has ended, and none below it can begin. So rows are taken by transaction, from below it only.
 */
export class ChangeReader {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** The changes after a position. What was removed from the store meanwhile (erased) is not among them. */
  async page(query: ChangeQuery): Promise<ChangePage> {
    const rows = await this.#rows(query);
    const last = rows.at(-1);
    if (last === undefined) return { changes: [], isFull: false };
    const wanted = rows.filter((row) => row.wanted);
    const versions = await this.#versions(wanted, query.previousOf);
    const found = wanted.flatMap((row) => {
      const version = versions.get(keyOf(row.type, row));
      return version === undefined ? [] : [{ row, version }];
    });
    const taken = found.slice(0, fitting(found.map(({ version }) => version.bytes)));
    const contents = await this.#contents(
      taken.map(({ row }) => row),
      query.previousOf,
    );
    const changes = taken.flatMap(({ row, version }) => changeOf(row, version.id, contents));
    const isCut = taken.length < found.length;
    return {
      changes,
      last: isCut ? positionOf(taken.at(-1)!.row) : positionOf(last),
      isFull: isCut || rows.length === query.limit,
    };
  }

  async #rows({ after, types, limit }: ChangeQuery): Promise<ChangeRow[]> {
    const { rows } = await this.#database.read({
      name: 'outbox-page',
      // Not by the text of xid, which is shown: 10 would come before 9.
      text: `SELECT c.xid::text, c.seq, c.type, c.rid, c.version, c.method, c.last_updated, c.type = ANY ($4::text[]) AS wanted
        FROM "${this.#schema}".changes c
        WHERE (c.xid, c.seq) > ($1::xid8, $2::bigint) AND c.xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY c.xid, c.seq LIMIT $3`,
      values: [after.xid, after.seq, limit, types],
    });
    return rows as unknown as ChangeRow[];
  }

  /** Ids and sizes; a deletion has the size 0. */
  #versions(wanted: readonly ChangeRow[], previousOf: readonly string[]): Promise<Map<string, VersionRow>> {
    const size = 'octet_length(CASE WHEN m.version = c.version THEN m.content ELSE h.content END)';
    return this.#byType<VersionRow>(wanted, previousOf, 'sizes', (hasPrevious) => {
      const bytes = hasPrevious
        ? `coalesce(${size}, 0) + coalesce(octet_length(p.content), 0)`
        : `coalesce(${size}, 0)`;
      return `m.id, ${bytes} AS bytes`;
    });
  }

  #contents(taken: readonly ChangeRow[], previousOf: readonly string[]): Promise<Map<string, ContentRow>> {
    const content = 'CASE WHEN m.version = c.version THEN m.content ELSE h.content END AS content';
    return this.#byType<ContentRow>(taken, previousOf, 'contents', (hasPrevious) =>
      hasPrevious ? `${content}, p.content AS previous` : content,
    );
  }

  /** Reads something of versions (`c`), each the current one (`m`) or in the history (`h`), beside the one before (`p`). */
  async #byType<Row extends object>(
    changes: readonly ChangeRow[],
    previousOf: readonly string[],
    name: string,
    columns: (hasPrevious: boolean) => string,
  ): Promise<Map<string, Row>> {
    const found = new Map<string, Row>();
    for (const [type, ofType] of Map.groupBy(changes, (change) => change.type)) {
      const hasPrevious = previousOf.includes(type);
      const t = tableNames(this.#schema, type);
      const before = `LEFT JOIN ${t.history} p ON p.self = m.self AND p.version = c.version - 1`;
      const { rows } = await this.#database.read({
        name: `outbox-${name}-${hasPrevious ? 'both-' : ''}${type}`,
        text: `SELECT m.rid, c.version, ${columns(hasPrevious)}
          FROM unnest($1::bigint[], $2::integer[]) AS c(rid, version) JOIN ${t.resource} m USING (rid)
            LEFT JOIN ${t.history} h ON h.self = m.self AND h.version = c.version ${hasPrevious ? before : ''}
          WHERE m.version = c.version OR h.version IS NOT NULL`,
        values: [int8Array(ofType.map(({ rid }) => rid)), int4Array(ofType.map(({ version }) => version))],
      });
      for (const row of rows as (Row & { rid: string; version: number })[]) found.set(keyOf(type, row), row);
    }
    return found;
  }
}

const keyOf = (type: string, { rid, version }: { rid: string; version: number }) =>
  `${type}/${rid}/${version}`;

const positionOf = ({ xid, seq }: ChangeRow): Position => ({ xid, seq });

/** None where the version was removed since its size was read. */
function changeOf(row: ChangeRow, id: string, contents: Map<string, ContentRow>): Change[] {
  const { type, version, method, last_updated: lastUpdated } = row;
  const found = contents.get(keyOf(type, row));
  if (found === undefined) return [];
  const { content, previous } = found;
  return [
    {
      position: positionOf(row),
      ...{ type, id, version, method, lastUpdated, content },
      ...(previous === undefined ? {} : { previous }),
    },
  ];
}
