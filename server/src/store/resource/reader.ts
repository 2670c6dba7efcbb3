import { Batcher } from '../batcher.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Key } from '../index/rows.ts';
import type { Database, Statement } from '../postgres/database.ts';
import { tableNames } from '../schema/names.ts';
import { orWhenNoTable } from '../schema/resourceTypes.ts';
import { int8Array } from './binaryArray.ts';
import type { Method, StoredVersion } from './types.ts';

/** Reads that share one statement at the most. */
const BATCH_READS_MAX = 32;
/** Read statements of one resource type under way at once: one is answered here while the next runs there. */
const BATCHES_IN_FLIGHT_MAX = 2;

export interface VersionRow {
  id: string;
  version: number;
  last_updated: Date;
  method: Method;
  content: string | null;
}

/** Reads versions of resources by id. Reads that arrive together share a statement. */
export class Reader {
  readonly #database: Database;
  readonly #schema: string;
  readonly #index: IndexQuery;
  readonly #batchers = new Map<string, Batcher<string, StoredVersion | undefined>>();

  constructor(database: Database, schema: string, index: IndexQuery) {
    this.#database = database;
    this.#schema = schema;
    this.#index = index;
  }

  /** The current version, a deletion included; undefined if there never was such a resource. */
  read(type: string, id: string): Promise<StoredVersion | undefined> {
    let batcher = this.#batchers.get(type);
    if (batcher === undefined) {
      const { resource } = tableNames(this.#schema, type);
      const statement = {
        name: `read-${type}`,
        text: `SELECT id, version, last_updated, method, content FROM ${resource} WHERE self = ANY ($1::bigint[])`,
      };
      batcher = new Batcher((ids: string[]) => this.#readAll(type, ids, statement), {
        itemsMax: BATCH_READS_MAX,
        inFlightMax: BATCHES_IN_FLIGHT_MAX,
      });
      this.#batchers.set(type, batcher);
    }
    return batcher.submit(id);
  }

  /** One version, current or superseded. */
  async readVersion(type: string, id: string, version: number): Promise<StoredVersion | undefined> {
    const statement = versionStatement(
      this.#schema,
      { type, id, self: this.#index.selfKey(type, id) },
      version,
    );
    const rows = await orWhenNoTable(
      this.#database.read(statement).then((result) => result.rows as unknown as VersionRow[]),
      [],
    );
    return rows[0] && storedVersion(rows[0]);
  }

  async #readAll(
    type: string,
    ids: string[],
    statement: Omit<Statement, 'values'>,
  ): Promise<(StoredVersion | undefined)[]> {
    const values = [int8Array(ids.map((id) => this.#index.selfKey(type, id)))];
    const rows = await orWhenNoTable(
      this.#database.read({ ...statement, values }).then((result) => result.rows as unknown as VersionRow[]),
      [],
    );
    const found = new Map(rows.map((row) => [row.id, storedVersion(row)]));
    return ids.map((id) => found.get(id));
  }
}

const VERSION_COLUMNS = 'id, version, last_updated, method, content';

/** One version of a resource, current or superseded: a {@link VersionRow}. */
export function versionStatement(
  schema: string,
  { type, id, self }: { type: string; id: string; self: Key },
  version: number,
): Statement {
  const t = tableNames(schema, type);
  const found = (table: string) =>
    `SELECT ${VERSION_COLUMNS} FROM ${table} WHERE self = $1 AND id = $3 AND version = $2`;
  return {
    name: `vread-${type}`,
    text: `${found(t.resource)} UNION ALL ${found(t.history)}`,
    values: [self, version, id],
  };
}

/** A row of a resource or history table as the store hands it out. */
export function storedVersion(row: VersionRow): StoredVersion {
  return {
    id: row.id,
    version: row.version,
    lastUpdated: row.last_updated,
    method: row.method,
    content: row.content,
  };
}
