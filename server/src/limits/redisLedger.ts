import { Redis } from 'ioredis';
import type { Charge, Ledger } from './settlement.ts';

const TIMEOUT_MS = 2_000;
/** A key that nobody changed for so long stands for a full bucket. */
const FORGOTTEN_AFTER_MS = 300_000;

/** Of each key: what it holds at the most, what was spent; by Redis' own clock. Answers what is left of each. */
const SETTLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = {}
for i, key in ipairs(KEYS) do
  local most, spent = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local known = redis.call('HMGET', key, 'level', 'at')
  local level = most
  if known[1] then level = math.min(most, known[1] + math.max(0, now - known[2]) * most / 60000) end
  level = math.max(-most, level - spent)
  redis.call('HSET', key, 'level', tostring(level), 'at', now)
  redis.call('PEXPIRE', key, ARGV[1])
  left[i] = tostring(level)
end
return left`;

/** What is left of limits, in Redis: for more servers than the database should hear of it from. */
export class RedisLedger implements Ledger {
  readonly #redis: Redis;
  readonly #prefix: string;

  /**
   * Connects in the background, and again whenever the connection is lost.
   *
   * @param url REDIS_URL: `redis:` or `rediss:`
   * @param prefix of its keys: installations that share a Redis have different ones
   */
  constructor(url: string, prefix: string) {
    this.#prefix = prefix;
    this.#redis = new Redis(url, {
      enableOfflineQueue: false, // while it is away each server counts for itself: nothing waits
      maxRetriesPerRequest: 0,
      connectTimeout: TIMEOUT_MS,
      commandTimeout: TIMEOUT_MS,
    });
    this.#redis.on('error', () => undefined); // told by what is asked of it
  }

  async settle(charges: readonly Charge[]): Promise<number[]> {
    const keys = charges.map(({ key }) => `${this.#prefix} ${key}`);
    const numbers = charges.flatMap(({ perMinute, spent }) => [perMinute, spent]);
    const left = await this.#redis.eval(SETTLE, keys.length, ...keys, FORGOTTEN_AFTER_MS, ...numbers);
    return (left as string[]).map(Number);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}
