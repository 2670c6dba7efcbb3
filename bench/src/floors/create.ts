import { bodyOf } from './body.ts';
import { openConnections, type ConnectionPlan } from './connections.ts';
import type { Floor } from './floor.ts';

const INSERT = {
  name: 'floor-create',
  text: 'INSERT INTO floor.created (id, content) VALUES ($1, $2)',
} as const;

const VARIANTS: Record<string, ConnectionPlan> = {
  '4 pipelined connections': { pipelined: true, connections: 4 },
  '8 pipelined connections': { pipelined: true, connections: 8 },
  'pool of 16': { pipelined: false, connections: 16 },
};

/** node:http, the body read to its end, one bare single-row INSERT that commits by itself, 201. */
export const createFloor: Floor = {
  variants: Object.keys(VARIANTS),
  open: async (databaseUrl, variant) => {
    const chosen = VARIANTS[variant];
    if (!chosen) throw new Error(`no variant '${variant}' of the create floor`);
    const { query, close } = await openConnections(databaseUrl, chosen);
    // Ascending ids: cheaper for a primary key than random ones, so the floor is the higher.
    const run = Date.now().toString(36);
    let count = 0;
    return {
      handle: async (request, response) => {
        const content = await bodyOf(request);
        count += 1;
        await query(INSERT, [`${run}-${count.toString().padStart(9, '0')}`, content]);
        response.writeHead(201, { 'content-length': 0 }).end();
      },
      close,
    };
  },
};
