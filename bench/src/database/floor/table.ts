import type { Resource } from '@medplum/fhirtypes';

export type FloorValue = string | number;

/** A generated resource on its way into the floors' tables. */
export interface LoadedResource {
  resource: Resource & { id: string };
  /** `Type/id`, by which others refer to it. */
  url: string;
  /** When it is said to have been written; ISO 8601. */
  updated: string;
  /** Its text as a server stores it: with version and time. */
  text: string;
}

/** A table of the floors: what it consists of, and which rows a resource puts into it. */
export interface FloorTable {
  /** In the schema `floor`. */
  name: string;
  /** Name and SQL type of each column, in order. */
  columns: Readonly<Record<string, string>>;
  /** The columns of its primary key: a row that comes again is left out. */
  key?: string;
  /**
   * It grows while the bench measures: PostgreSQL is not to vacuum it by itself, which would fall into the windows of the server. Rows that are
   * only added need no vacuum.
   */
  grows?: boolean;
  /** Further indexes, each the ideal one for some question. Made when the rows are in. */
  indexes?: readonly string[];
  rows(loaded: LoadedResource): FloorValue[][];
}

/** Content uncompressed and in the row where it fits, as in the server's own tables: the faster way for both. */
const INLINE_BYTES_MAX = 8160;

/** The statement that makes the table, without its further indexes. Texts compare by their bytes, which is fastest. */
export const createTableSql = ({ name, columns, key, grows = false }: FloorTable): string => {
  const parts = Object.entries(columns).map(
    ([column, type]) => `${column} ${type}${type === 'text' ? ' COLLATE "C"' : ''} NOT NULL`,
  );
  if (key) parts.push(`PRIMARY KEY (${key})`);
  const table = `CREATE TABLE floor.${name} (${parts.join(', ')}) WITH (toast_tuple_target = ${INLINE_BYTES_MAX}${grows ? ', autovacuum_enabled = off' : ''});`;
  return 'content' in columns
    ? `${table} ALTER TABLE floor.${name} ALTER content SET STORAGE EXTERNAL;`
    : table;
};

/** The statement that inserts rows, given as an array for each column. */
export const insertSql = ({ name, columns }: FloorTable): string => {
  const arrays = Object.values(columns).map((type, at) => `$${at + 1}::${type}[]`);
  return `INSERT INTO floor.${name} SELECT * FROM unnest(${arrays.join(', ')}) ON CONFLICT DO NOTHING`;
};
