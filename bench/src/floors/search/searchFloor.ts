import { openConnections, type ConnectionPlan } from '../connections.ts';
import type { Floor } from '../floor.ts';
import { searchsetText, type FloorRow } from './searchset.ts';
import { SearchUrl } from './searchUrl.ts';

/** One question, and the statement that answers it. */
export interface SearchQuestion {
  /** Gives rows of three columns: url (`Type/id`), content, and whether it is a match and not included. */
  sql: string;
  /** The statement's values, from the request. */
  values(url: SearchUrl): unknown[];
}

const CONTENT_TYPE = 'application/fhir+json; charset=utf-8';

const VARIANTS: Record<string, ConnectionPlan> = {
  '2 pipelined connections': { pipelined: true, connections: 2 },
  '4 pipelined connections': { pipelined: true, connections: 4 },
  'pool of 8': { pipelined: false, connections: 8 },
};

/**
 * Every statement is written for one plan, along the index that was made for it: planned once, never for the values, and
 * where the planner, which does not know them, could be led astray, the ways that lead there are closed.
 */
const SESSION = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_sort=off',
  'max_parallel_workers_per_gather=0',
  'jit=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** node:http, one prepared statement, the stored texts put together to a searchset. */
export const searchFloor = (name: string, { sql, values }: SearchQuestion): Floor => ({
  variants: Object.keys(VARIANTS),
  open: async (databaseUrl, variant) => {
    const chosen = VARIANTS[variant];
    if (!chosen) throw new Error(`no variant '${variant}' of the floor ${name}`);
    const { query, close } = await openConnections(databaseUrl, chosen, SESSION);
    const statement = { name: `floor-${name}`, text: sql };
    return {
      handle: async (request, response) => {
        const rows = await query(statement, values(new SearchUrl(request.url ?? '')));
        const body = searchsetText(rows as unknown as FloorRow[]);
        response
          .writeHead(200, { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(body) })
          .end(body);
      },
      close,
    };
  },
});
