import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { startTestServer } from '../../support/server.ts';
import type { Bindings } from '../data/bindings.ts';
import { createRandom } from '../data/random.ts';
import { createWorld } from '../data/world.ts';
import { createContext, type Context } from '../evaluate/context.ts';
import type { Select } from '../evaluate/paths.ts';
import { createWorldOf } from '../evaluate/world.ts';
import type { Query } from '../queries/query.ts';
import { randomQuery } from '../queries/randomQuery.ts';
import { createSource } from '../queries/source.ts';
import { createClient, type Client } from './client.ts';
import { fill } from './fill.ts';
import { looksInside } from './looksInside.ts';

/** Requests under way at once. */
const CONNECTIONS = 4;

/** A server with the random data of one seed, and the evaluator of the same data. */
export interface LiveWorld {
  seed: number;
  client: Client;
  context: Context;
  /** The n-th query of this world: it depends on the seeds only. */
  query(n: number): Query;
  close(): Promise<void>;
}

export interface Tools {
  definitions: Definitions;
  bindings: Bindings;
  select: Select;
}

export async function openWorld({ definitions, bindings, select }: Tools, seed: number): Promise<LiveWorld> {
  // Random resources have R4's structure, and break its invariants and bindings.
  const server = await startTestServer({ validation: 'structure' });
  const client = createClient(`${server.url}/fhir/R4`, CONNECTIONS, server.authorization);
  const close = async (): Promise<void> => {
    client.close();
    await server.stop();
  };
  try {
    const stored = await fill(client, createWorld(definitions, bindings, seed));
    const context = createContext(createWorldOf(client.base, stored), definitions, Date.now(), {
      select,
      looksInside: looksInside(definitions),
    });
    const memory = new Map<string, unknown>();
    const query = (n: number) =>
      randomQuery(createSource(createRandom(`query ${seed}.${n}`), context, memory));
    return { seed, client, context, query, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Does something for each number from 0 to below `count`, as many at once as there are connections. */
export async function forEachQuery(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}
