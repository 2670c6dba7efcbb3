import { Client } from 'pg';
import { findEmbeddedPostgres } from '../../../src/store/postgres/embedded/start.ts';
import { hasRedis, startRedis } from '../../support/redis.ts';

/** The queue of a server that is killed: in Redis; in PostgreSQL where FAULT_QUEUE says so, or Redis is not installed. */
export interface FaultQueue {
  /** For the server. */
  env: Record<string, string>;
  /** Has it lose its memory. @param dataDir of the server */
  lose(dataDir: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startQueue(): Promise<FaultQueue> {
  if (process.env.FAULT_QUEUE === 'postgres' || !hasRedis('losing the memory of Redis'))
    return { env: {}, lose: emptyQueue, stop: () => Promise.resolve() };
  let redis = await startRedis();
  const { url, port } = redis;
  return {
    env: { REDIS_URL: url },
    lose: async () => {
      await redis.stop();
      redis = await startRedis(port);
    },
    stop: () => redis.stop(),
  };
}

/** The tables of the queue in the embedded PostgreSQL. */
async function emptyQueue(dataDir: string): Promise<void> {
  const client = new Client({ ...findEmbeddedPostgres(dataDir)! });
  await client.connect();
  await client.query('TRUNCATE maxray_queue.job, maxray_queue.dedup, maxray_queue.dedup_next CASCADE');
  await client.end();
}
