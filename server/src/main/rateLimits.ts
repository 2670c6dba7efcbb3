import type { Config } from '../config.ts';
import { RateLimits } from '../limits/rateLimits.ts';
import { RedisLedger } from '../limits/redisLedger.ts';
import type { Ledger } from '../limits/settlement.ts';
import { TableLedger } from '../limits/tableLedger.ts';
import type { Database } from '../store/postgres/database.ts';
import { reasonOf, type Log } from '../store/postgres/log.ts';
import { RateLimitTable } from '../store/rateLimitTable.ts';
import type { Lifetime } from './lifetime.ts';

/** Opens the limits of this process, until the end of `lifetime`. */
export function openRateLimits(
  config: Config,
  { database, log }: { database: Database; log: Log },
  lifetime: Lifetime,
): RateLimits {
  const { rateLimitAddress, rateLimitUser, rateLimitClient, publicUrl, trustProxy } = config;
  const isBehindProxy = publicUrl !== undefined && !isHere(new URL(publicUrl).hostname);
  const limitsLoopback = isBehindProxy && trustProxy.length === 0;
  if (limitsLoopback)
    log(
      'warn',
      'PUBLIC_URL is elsewhere and TRUST_PROXY is not set: if a proxy is in front, all requests seem to come from its address',
    );
  const ledger = ledgerOf(config, database);
  const limits = new RateLimits({
    addressPerMinute: rateLimitAddress,
    userPerMinute: rateLimitUser,
    clientPerMinute: rateLimitClient,
    limitsLoopback,
    ...(ledger && { ledger }),
    onLedgerAway: (error) =>
      log('warn', `rate limits cannot be shared; each server counts for itself: ${reasonOf(error)}`),
  });
  lifetime.atEnd(() => limits.stop());
  return limits;
}

function ledgerOf(
  { rateLimitShared, redisUrl, databaseSchema }: Config,
  database: Database,
): Ledger | undefined {
  if (!rateLimitShared) return undefined;
  if (redisUrl !== undefined) return new RedisLedger(redisUrl, `${databaseSchema} rate-limit`);
  return new TableLedger(new RateLimitTable(database, databaseSchema));
}

const isHere = (hostname: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
