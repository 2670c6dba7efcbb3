import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RateLimits } from '../../src/limits/rateLimits.ts';
import { RedisLedger } from '../../src/limits/redisLedger.ts';
import type { Ledger } from '../../src/limits/settlement.ts';
import type { StoreLimits } from '../../src/limits/storeLimits.ts';
import { TableLedger } from '../../src/limits/tableLedger.ts';
import { RateLimitTable } from '../../src/store/rateLimitTable.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { hasRedis, startRedis } from '../support/redis.ts';
import { until } from '../support/program.ts';

const ADDRESS = '192.0.2.1';
const APP = { clientId: 'app' };
/** So many that none flows in while a test runs. */
const LIMIT = 1000;

/** A server's limits, of its one store. */
interface Server {
  limits: StoreLimits;
  settle(): Promise<void>;
}

const servers: RateLimits[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

function serverWith(ledger: Ledger, onLedgerAway: (error: unknown) => void = () => undefined): Server {
  const server = new RateLimits({
    ...{ addressPerMinute: LIMIT, userPerMinute: LIMIT, clientPerMinute: LIMIT, limitsLoopback: false },
    ledger,
    onLedgerAway,
    now: () => 0, // nothing flows in by the server's own clock
  });
  servers.push(server);
  return { limits: server.forStore('s', () => undefined), settle: () => server.settle() };
}

/** How many requests a server lets in before it refuses. */
function letIn({ limits }: Server, most: number): number {
  for (let i = 0; i < most; i++)
    try {
      limits.signedIn(APP, ADDRESS, 1);
    } catch {
      return i;
    }
  return most;
}

/** What every ledger does. */
function ledgerTests(open: () => Ledger): void {
  test('what one server lets in, the others do not', async () => {
    const [a, b] = [serverWith(open()), serverWith(open())];
    expect(letIn(a, 600)).toBe(600);
    expect(letIn(b, 1)).toBe(1);
    await a.settle();
    await b.settle();
    // What flowed in meanwhile, by the ledger's clock, comes on top.
    const more = letIn(b, LIMIT);
    expect(more).toBeGreaterThanOrEqual(399);
    expect(more).toBeLessThan(LIMIT - 1);
  });

  test('what was let in too much between two settlements is owed', async () => {
    const [a, b] = [serverWith(open()), serverWith(open())];
    const own = { ...APP, clientId: 'owing' };
    for (const server of [a, b]) server.limits.charge(own, ADDRESS, LIMIT);
    for (const server of [a, b, a]) {
      server.limits.charge(own, ADDRESS, 1); // settled is what was spent from
      await server.settle();
    }
    let waitS = 0;
    try {
      a.limits.signedIn(own, ADDRESS, 1);
    } catch (error) {
      waitS = (error as { retryAfterS: number }).retryAfterS;
    }
    expect(waitS).toBeGreaterThan(10);
    expect(waitS).toBeLessThanOrEqual(60);
  });

  test('settles many at once', async () => {
    const server = serverWith(open());
    for (let i = 0; i < 2500; i++) server.limits.refused(`198.51.${i >> 8}.${i & 255}`);
    server.limits.charge(APP, ADDRESS, 1);
    await server.settle();
    server.limits.mayTry('198.51.0.1');
  });
}

describe('by PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());
  const open = () => new TableLedger(new RateLimitTable(database.database, database.schema));

  ledgerTests(open);

  test('keys that are named twice are settled together', async () => {
    const table = new RateLimitTable(database.database, database.schema);
    const spending = { key: 'twice', perMinute: 60, spent: 20 };
    const levels = await table.settle([spending, { ...spending, key: 'other' }, spending]);
    expect(levels).toEqual([20, 40, 20]);
    await table.sweep();
    expect((await table.settle([{ ...spending, spent: 1 }]))[0]).toBeLessThan(60);
  });
});

const withRedis = hasRedis('limits shared by Redis are') ? describe : describe.skip;
withRedis('by Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  let opened = 0;
  /** Connected: until then a server counts for itself. */
  const settled = async (server: Server, isAway: () => boolean) => {
    server.limits.charge({ ...APP, clientId: 'try' }, ADDRESS, 1);
    await server.settle();
    return !isAway();
  };

  describe('as any ledger', () => {
    const ledgers: RedisLedger[] = [];
    beforeAll(async () => {
      for (let i = 0; i < 5; i++) ledgers.push(new RedisLedger(redis.url, `test`));
      for (const ledger of ledgers)
        await until(async () => {
          try {
            await ledger.settle([{ key: 'connected', perMinute: 1, spent: 1 }]);
            return true;
          } catch {
            return false;
          }
        }, 'Redis answers');
    });
    ledgerTests(() => ledgers[opened++]!);
  });

  test('each server counts for itself while it is away, and says so once', async () => {
    let away = 0;
    const server = serverWith(new RedisLedger(redis.url, 'away'), () => (away += 1));
    await until(async () => {
      const before = away;
      return settled(server, () => away > before);
    }, 'Redis answers');
    await redis.stop();
    const told = away;
    for (let i = 0; i < 3; i++) {
      letIn(server, 1);
      await server.settle();
    }
    expect(away - told).toBeLessThanOrEqual(1);
    expect(letIn(server, 2 * LIMIT)).toBeLessThanOrEqual(LIMIT);
    expect(letIn(server, 1)).toBe(0);
    redis = await startRedis(redis.port);
    const other = serverWith(new RedisLedger(redis.url, 'away'));
    await until(async () => {
      server.limits.charge(APP, ADDRESS, 1);
      other.limits.charge(APP, ADDRESS, 1);
      await server.settle();
      await other.settle();
      return letIn(other, 1) === 0 || letIn(other, 2 * LIMIT) < LIMIT - 10;
    }, 'the other server hears again what was spent');
  });
});
