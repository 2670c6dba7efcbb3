import type { ClientConfig } from 'pg';
import type { Config } from '../config.ts';
import { BullQueues } from '../queue/bull/bullQueues.ts';
import { reasonOf, type Log } from '../store/postgres/log.ts';
import { queueSchema } from '../store/postgres/queueSchema.ts';
import type { Lifetime } from './lifetime.ts';

/** The queues of this process, until the end of `lifetime`: in Redis where REDIS_URL is set, else in the database. */
export function openQueues(
  { redisUrl, databaseSchema }: Pick<Config, 'redisUrl' | 'databaseSchema'>,
  { connection, log }: { connection: string | ClientConfig; log: Log },
  lifetime: Lifetime,
): BullQueues {
  const queues = new BullQueues({
    open: async () => {
      if (redisUrl === undefined) {
        const { openPostgresBackend } = await import('../queue/bull/postgresBackend.ts');
        return openPostgresBackend(connection, queueSchema(databaseSchema));
      }
      const { openRedisBackend } = await import('../queue/bull/redisBackend.ts');
      return openRedisBackend(redisUrl, `${databaseSchema}:queue`);
    },
    onAway: (error) => log('warn', `the queue is away, work is found without it: ${reasonOf(error)}`),
  });
  lifetime.atEnd(() => queues.close());
  return queues;
}
