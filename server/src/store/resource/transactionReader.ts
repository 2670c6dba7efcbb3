import type { IndexQuery } from '../index/query.ts';
import { PAGE_BYTES_MAX, pageSql } from '../pageBytes.ts';
import type { QueryResult, Statement } from '../postgres/database.ts';
import { StatementNames } from '../statementNames.ts';
import { tableNames } from '../schema/names.ts';
import { int8Array } from './binaryArray.ts';
import { storedVersion, versionStatement, type VersionRow } from './reader.ts';
import type { StoredVersion } from './types.ts';

type Run = (statement: Statement) => Promise<QueryResult>;

/** A resource by its name. */
export interface ResourceName {
  type: string;
  id: string;
}

/** A version whose content may have been left out because the contents together are too large. */
export interface FittingVersion extends StoredVersion {
  type: string;
  fits: boolean;
}

/** Reads resources within an open transaction. Their types have tables. */
export class TransactionReader {
  readonly #schema: string;
  readonly #index: IndexQuery;
  readonly #names = new StatementNames('read-all');

  constructor(schema: string, index: IndexQuery) {
    this.#schema = schema;
    this.#index = index;
  }

  /** The current versions of some resources, deletions included, all of one moment; none of those that never were. */
  async readAll(names: readonly ResourceName[], run: Run): Promise<FittingVersion[]> {
    const byType = Map.groupBy(names, ({ type }) => type);
    const values: unknown[] = [PAGE_BYTES_MAX];
    const parts = [...byType].map(([type, ofType]) => {
      values.push(int8Array(ofType.map(({ id }) => this.#index.selfKey(type, id))));
      const { resource } = tableNames(this.#schema, type);
      return `SELECT '${type}' AS type, self, ${COLUMNS} FROM ${resource} WHERE ${isOneOf(values.length)}`;
    });
    const text = pageSql(
      parts.join(' UNION ALL '),
      'type, id, version, last_updated, method',
      'type, self',
      '$1',
    );
    const { rows } = await run({ name: this.#names.of(text), text, values });
    return (rows as unknown as (VersionRow & { type: string; fits: boolean })[]).map((row) => ({
      ...storedVersion(row),
      type: row.type,
      fits: row.fits,
    }));
  }

  /** One version, current or superseded. */
  async readVersion(
    { type, id }: ResourceName,
    version: number,
    run: Run,
  ): Promise<StoredVersion | undefined> {
    const self = this.#index.selfKey(type, id);
    const { rows } = await run(versionStatement(this.#schema, { type, id, self }, version));
    const [row] = rows as unknown as VersionRow[];
    return row && storedVersion(row);
  }

  /**
   * The current versions of some resources of a type, deletions included. Nobody else writes them until the end of the
   * transaction; whoever was writing them is waited for.
   */
  async lockAll(type: string, ids: readonly string[], run: Run): Promise<StoredVersion[]> {
    const { resource } = tableNames(this.#schema, type);
    const { rows } = await run({
      name: `lock-read-${type}`,
      text: `SELECT ${COLUMNS} FROM ${resource} WHERE ${isOneOf(1)} ORDER BY id FOR NO KEY UPDATE`,
      values: [int8Array(ids.map((id) => this.#index.selfKey(type, id)))],
    });
    return (rows as unknown as VersionRow[]).map(storedVersion);
  }
}

const COLUMNS = 'id, version, last_updated, method, content';

/**
 * Of the keys in the n-th parameter. In a query of its own their number is not known to the planner, for whom one plan is then as good as another: it keeps
 * one, where it would else make one for each few keys, which takes longer than reading them.
 */
const isOneOf = (n: number): string => `self = ANY (ARRAY (SELECT unnest($${n}::bigint[])))`;
