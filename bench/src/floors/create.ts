import type { IncomingMessage } from 'node:http';
import pg from 'pg';
import { assertDurable } from '../database/durable.ts';
import type { Floor } from './floor.ts';

const INSERT = {
  name: 'floor-create',
  text: 'INSERT INTO floor.created (id, content) VALUES ($1, $2)',
} as const;

type Insert = (id: string, content: string) => Promise<unknown>;

const VARIANTS: Record<string, { pipelined: boolean; connections: number }> = {
  '4 pipelined connections': { pipelined: true, connections: 4 },
  '8 pipelined connections': { pipelined: true, connections: 8 },
  'pool of 16': { pipelined: false, connections: 16 },
};

const openPipelined = async (databaseUrl: string, connections: number) => {
  const clients = Array.from(
    { length: connections },
    () => new pg.Client({ connectionString: databaseUrl, pipeline: true }),
  );
  for (const client of clients) {
    await client.connect();
    await assertDurable(client);
  }
  let turn = 0;
  const insert: Insert = (id, content) => {
    turn = (turn + 1) % clients.length;
    return (clients[turn] as pg.Client).query({ ...INSERT, values: [id, content] });
  };
  return { insert, close: async () => void (await Promise.all(clients.map((client) => client.end()))) };
};

const openPool = async (databaseUrl: string, connections: number) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
  await assertDurable(pool);
  const insert: Insert = (id, content) => pool.query({ ...INSERT, values: [id, content] });
  return { insert, close: () => pool.end() };
};

const bodyOf = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () =>
      resolve((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString()),
    );
    request.on('error', reject);
  });

/** node:http, the body read to its end, one bare single-row INSERT that commits by itself, 201. */
export const createFloor: Floor = {
  variants: Object.keys(VARIANTS),
  open: async (databaseUrl, variant) => {
    const chosen = VARIANTS[variant];
    if (!chosen) throw new Error(`no variant '${variant}' of the create floor`);
    const { insert, close } = await (chosen.pipelined ? openPipelined : openPool)(
      databaseUrl,
      chosen.connections,
    );
    // Ascending ids: cheaper for a primary key than random ones, so the floor is the higher.
    const run = Date.now().toString(36);
    let count = 0;
    return {
      handle: async (request, response) => {
        const content = await bodyOf(request);
        count += 1;
        await insert(`${run}-${count.toString().padStart(9, '0')}`, content);
        response.writeHead(201, { 'content-length': 0 }).end();
      },
      close,
    };
  },
};
