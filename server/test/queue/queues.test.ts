import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IQueueBackend } from 'bullmq';
import { Client } from 'pg';
import { BullQueues } from '../../src/queue/bull/bullQueues.ts';
import { openPostgresBackend } from '../../src/queue/bull/postgresBackend.ts';
import { openRedisBackend } from '../../src/queue/bull/redisBackend.ts';
import { resting } from '../../src/queue/bull/resting.ts';
import { DueWorker, type DueKey, type DueWork } from '../../src/queue/dueWorker.ts';
import type { StoreQueue } from '../../src/queue/storeQueue.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { until } from '../support/program.ts';
import { hasRedis, startRedis } from '../support/redis.ts';
import { urlOf } from '../support/server.ts';

let world: TestDatabase;
let schema: string;
beforeAll(async () => {
  world = await testDatabase();
  schema = `${world.schema}_queue`;
});
afterAll(async () => {
  await sql(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  await world.close();
});

async function sql(text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(urlOf(world.connection));
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

interface Place {
  /** The queues of one server more. */
  server(): BullQueues;
  /** Has it lose what it knows. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

const away: unknown[] = [];
const onAway = (error: unknown) => void away.push(error);

const PLACES: [string, () => Promise<Place>][] = [
  [
    'PostgreSQL',
    async () => ({
      server: () => new BullQueues({ open: () => openPostgresBackend(world.connection, schema), onAway }),
      forget: async () =>
        void (await sql(`TRUNCATE "${schema}".job, "${schema}".dedup, "${schema}".dedup_next CASCADE`)),
      stop: async () => undefined,
    }),
  ],
];
if (hasRedis('the queue in Redis'))
  PLACES.push([
    'Redis',
    async () => {
      let redis = await startRedis();
      const { url, port } = redis;
      return {
        server: () => new BullQueues({ open: async () => openRedisBackend(url, 'test'), onAway }),
        forget: async () => {
          await redis.stop();
          redis = await startRedis(port);
        },
        stop: () => redis.stop(),
      };
    },
  ]);

/** Work that is done when somebody has looked at it. */
class Tasks implements DueWork {
  readonly kind = 'task';
  readonly done: string[] = [];
  readonly #dueSinceMs = new Map<string, number>();
  /** What is done waits for it. */
  gate: Promise<void> = Promise.resolve();

  add(...keys: string[]): void {
    for (const key of keys) this.#dueSinceMs.set(key, performance.now());
  }

  async isAsked(): Promise<boolean> {
    return true;
  }

  async due(): Promise<DueKey[]> {
    return [...this.#dueSinceMs].map(([key, ms]) => ({ key, sinceMs: performance.now() - ms }));
  }

  async carryOut(key: string): Promise<boolean> {
    if (!this.#dueSinceMs.delete(key)) return false;
    await this.gate;
    this.done.push(key);
    return false;
  }
}

describe.each(PLACES)('a queue in %s', (_name, open) => {
  let place: Place;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    place = await open();
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    await place.stop();
  });

  /** The queue of a store on a server of its own, open. */
  async function onServer(handle: (queue: StoreQueue) => void, store = 'store'): Promise<StoreQueue> {
    const queues = place.server();
    const queue = queues.forStore(store);
    handle(queue);
    queue.open();
    await until(() => queue.isAnswering, 'the queue is open');
    ends.push(
      () => queues.close(),
      () => queue.close(),
    );
    return queue;
  }

  test('wakes one of all servers for each key, again only when it was woken meanwhile, and none of another store', async () => {
    const seen: string[] = [];
    const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
    const handle = (queue: StoreQueue) =>
      queue.handle('task', async (key) => {
        seen.push(key);
        if (key === 'slow' && seen.filter((one) => one === key).length === 1) await gate;
      });
    const one = await onServer(handle);
    await onServer(handle);
    await onServer(
      (queue) => queue.handle('task', async (key) => void seen.push(`elsewhere ${key}`)),
      'other',
    );
    const keys = Array.from({ length: 50 }, (_, i) => `key${i}`);
    expect(await one.wake('task', keys)).toBe(true);
    await until(() => seen.length >= keys.length, 'all are seen');
    expect([...seen].sort()).toEqual([...keys].sort());

    seen.length = 0;
    await one.wake('task', ['slow']);
    await until(() => seen.length === 1, 'it is looked at');
    await one.wake('task', ['slow', 'slow']);
    await one.wake('task', ['slow', 'after']);
    await until(() => seen.includes('after'), 'what came after is looked at');
    expect(seen).toEqual(['slow', 'after']); // one at a time
    goOn();
    await until(() => seen.length === 3, 'it is looked at again');
    await one.wake('task', ['last']);
    await until(() => seen.includes('last'), 'the last is looked at');
    expect(seen).toEqual(['slow', 'after', 'slow', 'last']);
  });

  test('that forgets everything delays what is due, and loses nothing', async () => {
    const tasks = new Tasks();
    const workers: DueWorker[] = [];
    const handle = (queue: StoreQueue) => {
      const parts = {
        work: tasks,
        queue,
        idleMs: 100,
        runsMax: 4,
        onDefect: (error: unknown) => void away.push(error),
      };
      workers.push(new DueWorker(parts));
    };
    const queue = await onServer(handle, 'forgetful');
    const [worker] = workers;
    ends.push(() => worker!.stop());
    const { promise, resolve } = Promise.withResolvers<void>();
    tasks.gate = promise;
    const keys = Array.from({ length: 40 }, (_, i) => `key${i}`);
    tasks.add(...keys);
    worker!.wake(keys); // more than are done at a time
    await until(async () => (await tasks.due()).length < keys.length, 'some are begun');
    await place.forget();
    resolve();
    worker!.start();
    await until(() => tasks.done.length === keys.length, 'all are done');
    expect([...tasks.done].sort()).toEqual([...keys].sort());
    await until(() => queue.wake('task', ['nothing']), 'the queue is back');
  });
});

test('a worker rests after an error, whatever it is, and not after its end', async () => {
  const failure = new Error('the database system is starting up');
  const failing = {
    moveToActive: () => Promise.reject(failure),
    waitForJob: () => Promise.reject(failure),
    disconnectBlocking: async () => undefined,
  };
  const rests: { signal: AbortSignal; over: () => void }[] = [];
  const backend = resting(failing as unknown as IQueueBackend, (signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    rests.push({ signal, over: resolve });
    return promise;
  });
  let answered = 0;
  const asks = [backend.moveToActive('token'), backend.waitForJob(1)].map((asked) =>
    asked.finally(() => answered++),
  );
  await until(() => rests.length === 2, 'it rests');
  expect(answered).toBe(0);
  await backend.disconnectBlocking();
  expect(rests.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  rests.forEach(({ over }) => over());
  for (const asked of asks) await expect(asked).rejects.toBe(failure);
});

test('without the right to make a schema the queue is one that is there, and told to be away where none is', async () => {
  const role = `${world.schema}_runner`;
  await sql(`CREATE ROLE "${role}" LOGIN PASSWORD 'secret'`);
  const url = new URL(urlOf(world.connection).replace(/@[^/]*\//, '@socket/'));
  const host = new Client(urlOf(world.connection)).host;
  const connection = {
    host,
    port: new Client(urlOf(world.connection)).port,
    user: role,
    password: 'secret',
    database: url.pathname.slice(1),
  };
  try {
    await expect(openPostgresBackend(connection, `${schema}_none`)).rejects.toMatchObject({ code: '42501' });
    await sql(`CREATE SCHEMA "${schema}_own" AUTHORIZATION "${role}"`);
    const backend = await openPostgresBackend(connection, `${schema}_own`);
    await backend.close();
    expect(
      await sql(
        `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = '${schema}_own' AND tableowner = '${role}'`,
      ),
    ).toMatchObject([{ n: 15 }]);
  } finally {
    await sql(`DROP SCHEMA IF EXISTS "${schema}_own" CASCADE; DROP ROLE "${role}"`);
  }
});
