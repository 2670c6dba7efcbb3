import type { Client } from 'pg';

/** The schema of the server's store. */
const STORE_SCHEMA = 'maxray';
/** Tables beside that of a resource type, by the end of their names. */
const SIDE_TABLES = ['ordered', 'strings', 'ranges'] as const;
/** To be reached: bytes of indexes and side tables / bytes of content. */
export const INDEX_RATIO_TARGET = 0.8;

/** What the resources of one type take on disk, in bytes. */
export interface TypeBytes {
  type: string;
  resources: number;
  /** The text itself: sum of octet_length(content). */
  content: number;
  /** The table that holds the content (TOAST included) without its indexes. */
  heap: number;
  /** All indexes of that table. */
  indexes: number;
  /** Side tables with their indexes. */
  side: number;
  /** Superseded versions with their indexes. */
  history: number;
  /** (indexes + side) / content */
  ratio: number;
}

interface Relation {
  name: string;
  /** With TOAST and its index. */
  table: number;
  indexes: number;
}

const RELATIONS = `
  SELECT c.relname AS name, pg_table_size(c.oid)::float8 AS table, pg_indexes_size(c.oid)::float8 AS indexes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind = 'r'`;

const CONTENT_TABLES = `
  SELECT table_name AS name FROM information_schema.columns
  WHERE table_schema = $1 AND column_name = 'content' AND table_name !~ '_history$'`;

const ratioOf = (bytes: Omit<TypeBytes, 'ratio'>): TypeBytes => ({
  ...bytes,
  ratio: (bytes.indexes + bytes.side) / bytes.content,
});

const bytesOfType = async (
  client: Client,
  type: string,
  relations: ReadonlyMap<string, Relation>,
): Promise<TypeBytes> => {
  const counted = await client.query<{ resources: number; content: number }>(
    `SELECT count(*)::float8 AS resources, coalesce(sum(octet_length(content)), 0)::float8 AS content
     FROM ${client.escapeIdentifier(STORE_SCHEMA)}.${client.escapeIdentifier(type)}`,
  );
  const whole = (name: string): number => {
    const relation = relations.get(name);
    return relation ? relation.table + relation.indexes : 0;
  };
  const main = relations.get(type);
  if (!main) throw new Error(`no table ${type}`);
  return ratioOf({
    type,
    resources: counted.rows[0]?.resources ?? 0,
    content: counted.rows[0]?.content ?? 0,
    heap: main.table,
    indexes: main.indexes,
    side: SIDE_TABLES.reduce((sum, side) => sum + whole(`${type}_${side}`), 0),
    history: whole(`${type}_history`),
  });
};

/** The sum over types; what is shared by all (`changes`) counts as side. */
const total = (types: readonly TypeBytes[], shared: number): TypeBytes => {
  const sum = (of: (bytes: TypeBytes) => number): number => types.reduce((all, each) => all + of(each), 0);
  return ratioOf({
    type: 'all',
    resources: sum((each) => each.resources),
    content: sum((each) => each.content),
    heap: sum((each) => each.heap),
    indexes: sum((each) => each.indexes),
    side: sum((each) => each.side) + shared,
    history: sum((each) => each.history),
  });
};

/** What each resource type takes, largest first, then 'all', in which the shared table of changes is counted too. */
export const bytesOnDisk = async (client: Client): Promise<TypeBytes[]> => {
  const relations = new Map(
    (await client.query<Relation>(RELATIONS, [STORE_SCHEMA])).rows.map((row) => [row.name, row]),
  );
  const names = (await client.query<{ name: string }>(CONTENT_TABLES, [STORE_SCHEMA])).rows.map(
    (row) => row.name,
  );
  const types: TypeBytes[] = [];
  for (const name of names) types.push(await bytesOfType(client, name, relations));
  const filled = types.filter((each) => each.resources > 0).sort((a, b) => b.content - a.content);
  const changes = relations.get('changes');
  return [...filled, total(filled, changes ? changes.table + changes.indexes : 0)];
};
