import { createRedisBackend } from 'bullmq';
import { Redis } from 'ioredis';
import type { Backend } from './backend.ts';
import { resting } from './resting.ts';

const TIMEOUT_MS = 1_000;

/**
 * Queues in Redis. A process has two connections, and one for each store that waits to be woken.
 *
 * @param url `redis:` or `rediss:`
 * @param prefix of all keys
 */
export function openRedisBackend(url: string, prefix: string): Backend {
  const telling = new Redis(url, {
    enableOfflineQueue: false, // while it is away nothing waits for it
    maxRetriesPerRequest: 0,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
  });
  const hearing = new Redis(url, { maxRetriesPerRequest: null, connectTimeout: TIMEOUT_MS });
  // Told by what is asked of it.
  for (const redis of [telling, hearing]) redis.on('error', () => undefined);
  return {
    producer: (name, options, more) => createRedisBackend(name, { ...options, connection: telling }, more),
    consumer: (name, options, more) =>
      resting(createRedisBackend(name, { ...options, connection: hearing }, more)),
    prefix,
    close: async () => {
      telling.disconnect();
      hearing.disconnect();
    },
  };
}
