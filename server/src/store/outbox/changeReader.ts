import { int4Array, int8Array } from '../resource/binaryArray.ts';
import type { Database } from '../postgres/database.ts';
import type { Method } from '../resource/types.ts';
import { fitting, PAGE_BYTES_MAX } from '../pageBytes.ts';
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
  /** How many rows were looked at in all. */
  looked: number;
}

interface VersionRow {
  rid: string;
  version: number;
  id: string;
  /** Of both contents. */
  bytes: number;
  /** null: it is a deletion, or its contents are too long to be read with others. */
  content: string | null;
  previous?: string | null;
}

/** Longer than any content. */
const BYTES_UNBOUNDED = 2 ** 31 - 1;

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
    // All that is this long has room in a page.
    const bytesMax = Math.floor(PAGE_BYTES_MAX / query.limit);
    const versions = await this.#versions(wanted, query.previousOf, bytesMax);
    const found = wanted.flatMap((row) => {
      const version = versions.get(keyOf(row.type, row));
      return version === undefined ? [] : [{ row, version }];
    });
    const taken = found.slice(0, fitting(found.map(({ version }) => version.bytes)));
    const long = taken.filter(({ version }) => version.bytes > bytesMax).map(({ row }) => row);
    const read = await this.#versions(long, query.previousOf, BYTES_UNBOUNDED);
    const changes = taken.flatMap(({ row, version }) =>
      changeOf(row, version.bytes > bytesMax ? read.get(keyOf(row.type, row)) : version),
    );
    const isCut = taken.length < found.length;
    return {
      changes,
      last: isCut ? positionOf(taken.at(-1)!.row) : positionOf(last),
      isFull: isCut || last.looked === query.limit,
    };
  }

  /** Those that are wanted, and the last one that was looked at: of the others nobody has to hear. */
  async #rows({ after, types, limit }: ChangeQuery): Promise<ChangeRow[]> {
    const { rows } = await this.#database.read({
      name: 'outbox-page',
      // Not by the text of xid, which is shown: 10 would come before 9.
      text: `SELECT xid::text, seq, type, rid, version, method, last_updated, wanted, looked::integer
        FROM (SELECT *, type = ANY ($4::text[]) AS wanted, row_number() OVER w AS n, count(*) OVER () AS looked
          FROM (SELECT c.* FROM "${this.#schema}".changes c
            WHERE (c.xid, c.seq) > ($1::xid8, $2::bigint) AND c.xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY c.xid, c.seq LIMIT $3) c
          WINDOW w AS (ORDER BY xid, seq)) p
        WHERE wanted OR n = looked ORDER BY n`,
      values: [after.xid, after.seq, limit, types],
    });
    return rows as unknown as ChangeRow[];
  }

  /**
   * Versions (`c`), each the current one (`m`) or in the history (`h`), with those before (`p`) where they are wanted.
   *
   * @param bytesMax of the contents of one: of what is longer only the size is read; a deletion has the size 0
   */
  async #versions(
    changes: readonly ChangeRow[],
    previousOf: readonly string[],
    bytesMax: number,
  ): Promise<Map<string, VersionRow>> {
    const found = new Map<string, VersionRow>();
    for (const [type, ofType] of Map.groupBy(changes, (change) => change.type)) {
      const { rows } = await this.#database.read({
        ...this.#versionsStatement(type, previousOf.includes(type)),
        values: [
          int8Array(ofType.map(({ rid }) => rid)),
          int4Array(ofType.map(({ version }) => version)),
          bytesMax,
        ],
      });
      for (const row of rows as unknown as VersionRow[]) found.set(keyOf(type, row), row);
    }
    return found;
  }

  #versionsStatement(type: string, hasPrevious: boolean): { name: string; text: string } {
    const t = tableNames(this.#schema, type);
    const content = 'CASE WHEN m.version = c.version THEN m.content ELSE h.content END';
    const bytesOf = (text: string) => `coalesce(octet_length(${text}), 0)`;
    const bytes = [content, ...(hasPrevious ? ['p.content'] : [])].map(bytesOf).join(' + ');
    const bounded = (text: string) => `CASE WHEN ${bytes} <= $3 THEN ${text} END`;
    const before = `LEFT JOIN ${t.history} p ON p.self = m.self AND p.version = c.version - 1`;
    return {
      name: `outbox-versions-${hasPrevious ? 'both-' : ''}${type}`,
      text: `SELECT m.rid, c.version, m.id, ${bytes} AS bytes, ${bounded(content)} AS content${hasPrevious ? `, ${bounded('p.content')} AS previous` : ''}
        FROM unnest($1::bigint[], $2::integer[]) AS c(rid, version) JOIN ${t.resource} m USING (rid)
          LEFT JOIN ${t.history} h ON h.self = m.self AND h.version = c.version ${hasPrevious ? before : ''}
        WHERE m.version = c.version OR h.version IS NOT NULL`,
    };
  }
}

const keyOf = (type: string, { rid, version }: { rid: string; version: number }) =>
  `${type}/${rid}/${version}`;

const positionOf = ({ xid, seq }: ChangeRow): Position => ({ xid, seq });

/** None where the version was removed since its size was read. */
function changeOf(row: ChangeRow, found: VersionRow | undefined): Change[] {
  const { type, version, method, last_updated: lastUpdated } = row;
  if (found === undefined) return [];
  const { id, content, previous } = found;
  return [
    {
      position: positionOf(row),
      ...{ type, id, version, method, lastUpdated, content },
      ...(previous === undefined ? {} : { previous }),
    },
  ];
}
