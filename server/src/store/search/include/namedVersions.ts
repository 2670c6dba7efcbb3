import type { Key } from '../../index/rows.ts';
import { pageSql } from '../../pageBytes.ts';
import type { Statement } from '../../postgres/database.ts';
import { int8Array, textArray } from '../../resource/binaryArray.ts';
import type { VersionRow } from '../../resource/reader.ts';
import { tableNames } from '../../schema/names.ts';

/** A version that a reference names. */
export interface NamedVersion {
  id: string;
  self: Key;
  version: number;
}

/** One row of {@link namedVersionsStatement}. */
export interface NamedVersionRow extends VersionRow {
  /** Whether it is no longer the current version. */
  is_past: boolean;
  /** Whether there was room for it; its content is there only then. */
  fits: boolean;
}

/** The statement that brings those of the versions of one type that are there, in their order; deletions are left out. */
export function namedVersionsStatement(
  schema: string,
  type: string,
  versions: readonly NamedVersion[],
  bytesMax: number,
): Statement {
  const t = tableNames(schema, type);
  const columns = 'id, version, last_updated, method';
  const found = (table: string, isPast: boolean) =>
    `SELECT n, ${columns}, ${isPast} AS is_past, content FROM wanted JOIN ${table} USING (self, id, version) WHERE method <> 'D'`;
  const rows = `WITH wanted AS (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::integer[]) WITH ORDINALITY AS w (self, id, version, n))
  ${found(t.resource, false)} UNION ALL ${found(t.history, true)}`;
  return {
    name: '',
    text: pageSql(rows, `${columns}, is_past`, 'n', '$4::bigint'),
    values: [
      int8Array(versions.map(({ self }) => self)),
      textArray(versions.map(({ id }) => id)),
      versions.map(({ version }) => version),
      bytesMax,
    ],
  };
}
