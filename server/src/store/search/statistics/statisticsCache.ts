import type { TypeStatistics } from './typeStatistics.ts';

/** How long statistics are used before they are read again: they change with ANALYZE, which autovacuum runs once a minute. */
export const STATISTICS_TTL_MS = 60_000;

interface Known {
  statistics: TypeStatistics | undefined;
  readAtMs: number;
  reading: boolean;
}

/** Statistics of the types that are searched. Only the first search of a type waits for them. */
export class StatisticsCache {
  readonly #read: (type: string) => Promise<TypeStatistics | undefined>;
  readonly #nowMs: () => number;
  readonly #known = new Map<string, Known>();
  readonly #first = new Map<string, Promise<void>>();

  /** @param read undefined for a type without a table */
  constructor(
    read: (type: string) => Promise<TypeStatistics | undefined>,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#read = read;
    this.#nowMs = nowMs;
  }

  /** Reads what is not known yet of these types, which have tables. */
  async load(types: Iterable<string>): Promise<void> {
    const waiting: Promise<void>[] = [];
    for (const type of types) {
      const known = this.#known.get(type);
      if (known?.statistics === undefined) waiting.push(this.#loadFirst(type));
      else if (!known.reading && this.#nowMs() - known.readAtMs > STATISTICS_TTL_MS)
        this.#refresh(type, known);
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
      loading = this.#read(type)
        .then((statistics) => this.#keep(type, statistics))
        .finally(() => this.#first.delete(type));
      this.#first.set(type, loading);
    }
    return loading;
  }

  #refresh(type: string, known: Known): void {
    known.reading = true;
    this.#read(type).then(
      (statistics) => this.#keep(type, statistics),
      // The search that comes next meets the same database and says what is wrong with it; plans can wait.
      () => {
        known.reading = false;
        known.readAtMs = this.#nowMs();
      },
    );
  }

  #keep(type: string, statistics: TypeStatistics | undefined): void {
    this.#known.set(type, { statistics, readAtMs: this.#nowMs(), reading: false });
  }
}
