import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { assertDurable } from '../database/durable.ts';
import { bodyOf } from './body.ts';
import type { Floor } from './floor.ts';

const CONNECTIONS: Record<string, number> = { 'pool of 4': 4, 'pool of 8': 8, 'pool of 16': 16 };
/** A statement of more rows is not kept prepared. */
const NAMED_ROWS_MAX = 100;

interface Entry {
  resource?: object;
  request: { method: string; url: string };
}

/** What one resource type gets of a bundle. */
interface Work {
  rows: [id: string, content: string][];
  deleted: string[];
  read: string[];
}

const workOf = (entries: readonly Entry[]): Map<string, Work> => {
  const byType = new Map<string, Work>();
  for (const { resource, request } of entries) {
    const [type = '', id = randomUUID()] = request.url.split('/');
    let work = byType.get(type);
    if (!work) byType.set(type, (work = { rows: [], deleted: [], read: [] }));
    if (resource) work.rows.push([id, JSON.stringify(resource)]);
    else (request.method === 'DELETE' ? work.deleted : work.read).push(id);
  }
  return byType;
};

/** Rows by id: two transactions do not lock in a ring. */
const inOrder = (rows: Work['rows']): string[] => rows.sort(([a], [b]) => (a < b ? -1 : 1)).flat();

const upsert = (table: string, rows: number) => {
  const values = Array.from({ length: rows }, (_, i) => `($${2 * i + 1}, $${2 * i + 2})`).join(', ');
  return `INSERT INTO ${table} (id, content) VALUES ${values} ON CONFLICT (id) DO UPDATE SET content = excluded.content`;
};

/**
 * node:http; the bundle parsed, each resource written as text again, and in one transaction one multi-row statement for
 * each table that is written, deleted from or read; an answer with an entry for each.
 */
export const transactionFloor: Floor = {
  variants: Object.keys(CONNECTIONS),
  open: async (databaseUrl, variant) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS[variant] });
    await assertDurable(pool);
    const tables = new Map<string, Promise<string>>();
    const tableOf = (type: string): Promise<string> => {
      let table = tables.get(type);
      if (!table) tables.set(type, (table = makeTable(pool, type)));
      return table;
    };
    return {
      handle: async (request, response) => {
        const { entry } = JSON.parse(await bodyOf(request)) as { entry: Entry[] };
        const work = workOf(entry);
        for (const type of work.keys()) await tableOf(type);
        await store(pool, work, tableOf);
        const answered = entry.map(() => ({ response: { status: '201 Created', etag: 'W/"1"' } }));
        const text = JSON.stringify({
          resourceType: 'Bundle',
          type: 'transaction-response',
          entry: answered,
        });
        response.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text);
      },
      close: () => pool.end(),
    };
  },
};

const makeTable = async (pool: pg.Pool, type: string): Promise<string> => {
  const table = `floor.${pg.escapeIdentifier(`written_${type}`)}`;
  await pool.query(`CREATE TABLE IF NOT EXISTS ${table} (id text PRIMARY KEY, content text NOT NULL)`);
  return table;
};

const store = async (
  pool: pg.Pool,
  work: ReadonlyMap<string, Work>,
  tableOf: (type: string) => Promise<string>,
): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const [type, { rows, deleted, read }] of [...work].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const table = await tableOf(type);
      const count = rows.length;
      const name = count <= NAMED_ROWS_MAX ? { name: `${type} ${count}` } : {};
      if (count > 0) await client.query({ ...name, text: upsert(table, count), values: inOrder(rows) });
      if (deleted.length > 0) await client.query(`DELETE FROM ${table} WHERE id = ANY ($1)`, [deleted]);
      if (read.length > 0) await client.query(`SELECT content FROM ${table} WHERE id = ANY ($1)`, [read]);
    }
    await client.query('COMMIT');
  } finally {
    client.release();
  }
};
