import type { TypeStatistics } from './typeStatistics.ts';

/** How long statistics are used before they are read again: they change with ANALYZE, which autovacuum runs once a minute. */
export const STATISTICS_TTL_MS = 60_000;

interface Known {
  statistics: TypeStatistics | undefined;
  readAtMs: number;
  renewing: boolean;
}

/** Where statistics come from. */
export interface StatisticsSource {
  /** Undefined for a type without a table. */
  read(type: string): Promise<TypeStatistics | undefined>;
  /** Has PostgreSQL look at the type's tables; what is read afterwards tells how they are now. */
  analyse(type: string): Promise<void>;
}

/** Statistics of the types that are searched. Only the first search of a type waits for them. */
export class StatisticsCache {
  readonly #source: StatisticsSource;
  readonly #nowMs: () => number;
  readonly #known = new Map<string, Known>();
  readonly #first = new Map<string, Promise<void>>();

  constructor(source: StatisticsSource, nowMs: () => number = () => performance.now()) {
    this.#source = source;
    this.#nowMs = nowMs;
  }

  /** Reads what is not known yet of these types, which have tables. */
  async load(types: Iterable<string>): Promise<void> {
    const waiting: Promise<void>[] = [];
    for (const type of types) {
      const known = this.#known.get(type);
      if (known?.statistics === undefined) waiting.push(this.#loadFirst(type));
      else if (!known.renewing && this.#nowMs() - known.readAtMs > STATISTICS_TTL_MS)
        this.#inBackground(known, () => this.#renew(type));
    }
    if (waiting.length > 0) await Promise.all(waiting);
  }

  /** Undefined unless {@link load}ed, and for a type without a table. */
  of(type: string): TypeStatistics | undefined {
    return this.#known.get(type)?.statistics;
  }

  #loadFirst(type: string): Promise<void> {
    let loading = this.#first.get(type);
    if (loading === undefined) {
      loading = this.#readFirst(type).finally(() => this.#first.delete(type));
      this.#first.set(type, loading);
    }
    return loading;
  }

  async #readFirst(type: string): Promise<void> {
    const known = this.#keep(type, await this.#source.read(type));
    if (known.statistics?.isOutdated) this.#inBackground(known, () => this.#analyse(type));
  }

  async #renew(type: string): Promise<void> {
    const statistics = await this.#source.read(type);
    if (statistics?.isOutdated) await this.#analyse(type);
    else this.#keep(type, statistics);
  }

  async #analyse(type: string): Promise<void> {
    await this.#source.analyse(type);
    this.#keep(type, await this.#source.read(type));
  }

  #inBackground(known: Known, renew: () => Promise<void>): void {
    known.renewing = true;
    // The search that comes next meets the same database and says what is wrong with it; plans can wait.
    renew().catch(() => {
      known.renewing = false;
      known.readAtMs = this.#nowMs();
    });
  }

  #keep(type: string, statistics: TypeStatistics | undefined): Known {
    const known = { statistics, readAtMs: this.#nowMs(), renewing: false };
    this.#known.set(type, known);
    return known;
  }
}
