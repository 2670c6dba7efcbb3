import pg from 'pg';
import { assertDurable } from '../database/durable.ts';

/** A named prepared statement. */
export interface FloorStatement {
  name: string;
  text: string;
}

/** Ways to PostgreSQL, open. */
export interface FloorConnections {
  /** Rows as arrays, in the order of the columns. */
  query(statement: FloorStatement, values: unknown[]): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** How many connections, and whether statements follow each other on them without waiting for answers. */
export interface ConnectionPlan {
  pipelined: boolean;
  connections: number;
}

/** Opens connections that are durable, each asked. @param options further settings of the sessions, as libpq takes them */
export const openConnections = (
  databaseUrl: string,
  { pipelined, connections }: ConnectionPlan,
  options = '',
): Promise<FloorConnections> => {
  const config: pg.ClientConfig = { connectionString: databaseUrl, options };
  return pipelined ? openPipelined(config, connections) : openPool(config, connections);
};

const openPipelined = async (config: pg.ClientConfig, connections: number): Promise<FloorConnections> => {
  const clients = Array.from({ length: connections }, () => new pg.Client({ ...config, pipeline: true }));
  for (const client of clients) {
    await client.connect();
    await assertDurable(client);
  }
  let turn = 0;
  return {
    query: async (statement, values) => {
      turn = (turn + 1) % clients.length;
      const client = clients[turn] as pg.Client;
      const { rows } = await client.query<unknown[]>({ ...statement, values, rowMode: 'array' });
      return rows;
    },
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
  };
};

const openPool = async (config: pg.ClientConfig, connections: number): Promise<FloorConnections> => {
  const pool = new pg.Pool({ ...config, max: connections });
  await assertDurable(pool);
  return {
    query: async (statement, values) =>
      (await pool.query<unknown[]>({ ...statement, values, rowMode: 'array' })).rows,
    close: () => pool.end(),
  };
};
