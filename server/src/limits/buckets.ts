/** Buckets that are kept of one generation; there are two, so that twice as many are in memory at the most. */
export const BUCKETS_MAX = 50_000;
/** A bucket that nobody used for so long is full again, whatever it owed, and may be forgotten. */
export const GENERATION_MS = 120_000;
const MINUTE_MS = 60_000;

/** What somebody may still spend. */
export interface Bucket {
  readonly key: string;
  /** Units; below zero: what is owed. */
  level: number;
  /** When `level` was so, by the clock of `performance`. */
  atMs: number;
  /** Most that it holds, and what flows in within a minute. */
  perMinute: number;
  /** Units since the last settlement with other servers. */
  spent: number;
}

/**
 * Token buckets by key, in memory. Each holds what may be spent in a minute, and fills as fast. Whoever has anything left may go on,
 * and owes what it costs beyond that; nobody owes more than a minute's worth.
 *
 * Old ones go by generation, so that a flood of keys takes a bounded amount of memory and no time. Who is forgotten in a flood has a
 * full bucket again: it errs on the side of letting in.
 */
export class Buckets {
  readonly #now: () => number;
  #young = new Map<string, Bucket>();
  #old = new Map<string, Bucket>();
  #bornMs: number;
  /** From which was spent since the last settlement; absent where nobody settles. */
  #used: Bucket[] | undefined;

  /**
   * @param isShared whether what is spent is settled with other servers
   * @param now milliseconds of a clock that only goes forward
   */
  constructor(isShared: boolean, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#used = isShared ? [] : undefined;
    this.#bornMs = now();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Spends where there is anything left. @returns 0; else the seconds to wait, and nothing was spent */
  take(key: string, perMinute: number, units: number): number {
    const bucket = this.#bucket(key, perMinute);
    if (bucket.level <= 0) return waitS(bucket);
    this.#spend(bucket, units);
    return 0;
  }

  /** Seconds to wait until there is something left; 0: there is. */
  wait(key: string, perMinute: number): number {
    const bucket = this.#bucket(key, perMinute);
    return bucket.level > 0 ? 0 : waitS(bucket);
  }

  /** Spends, whatever is left: for what was found out, or happened, after the beginning. @param perMinute of a bucket that is not there yet */
  charge(key: string, perMinute: number, units: number): void {
    const known = this.#young.get(key);
    this.#spend(this.#bucket(key, known?.perMinute ?? perMinute), units);
  }

  /** Those from which was spent since this was last asked, each with how much. */
  unsettled(): { bucket: Bucket; spent: number }[] {
    const used = this.#used ?? [];
    this.#used &&= [];
    return used.map((bucket) => {
      const { spent } = bucket;
      bucket.spent = 0;
      return { bucket, spent };
    });
  }

  /** What all servers together have left of it. */
  settle(bucket: Bucket, level: number): void {
    bucket.level = level - bucket.spent;
    bucket.atMs = this.#now();
  }

  #spend(bucket: Bucket, units: number): void {
    if (this.#used) {
      if (bucket.spent === 0) this.#used.push(bucket);
      bucket.spent += units;
    }
    bucket.level = Math.max(bucket.level - units, -bucket.perMinute);
  }

  /** As full as it is now. */
  #bucket(key: string, perMinute: number): Bucket {
    const nowMs = this.#now();
    if (nowMs - this.#bornMs > GENERATION_MS) this.#age(nowMs);
    let bucket = this.#young.get(key);
    if (bucket === undefined) {
      bucket = this.#old.get(key) ?? { key, level: perMinute, atMs: nowMs, perMinute, spent: 0 };
      if (this.#young.size >= BUCKETS_MAX) this.#age(nowMs);
      this.#young.set(key, bucket);
    }
    if (bucket.perMinute !== perMinute) {
      bucket.level += perMinute - bucket.perMinute;
      bucket.perMinute = perMinute;
    }
    bucket.level = Math.min(perMinute, bucket.level + ((nowMs - bucket.atMs) * perMinute) / MINUTE_MS);
    bucket.atMs = nowMs;
    return bucket;
  }

  #age(nowMs: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#bornMs = nowMs;
  }
}

const waitS = ({ level, perMinute }: Bucket): number => Math.max(1, Math.ceil((-level * 60) / perMinute));
