import type { QueryResult } from 'pg';
import type { Statement } from './client.ts';
import type { ClientPool } from './clientPool.ts';
import { flowingFirst, type Pipeline } from './pipeline.ts';

/** What follows on the same connection waits no longer for one search. */
export const QUICK_TIMEOUT_MS = 100;
/** How long a statement that was not quick goes to a connection of its own. */
const SLOW_FOR_MS = 60_000;
/** Statements that are remembered as slow; those that only come once are not. */
const SLOW_MAX = 1_000;
/** SQLSTATE of a statement that ran into its time limit. */
const QUERY_CANCELED = '57014';

/**
 * Searches of one plan, most of which take less time than it takes to hand a connection over: they follow each other on a
 * few connections without waiting for answers. One that is not quick is ended, and gets a connection for itself.
 */
export class QuickSearches {
  readonly #quick: readonly Pipeline[];
  readonly #patient: ClientPool;
  readonly #nowMs: () => number;
  readonly #slowUntilMs = new Map<string, number>();

  /** @param quick with a statement timeout of {@link QUICK_TIMEOUT_MS} @param patient with that of a search */
  constructor(
    quick: readonly Pipeline[],
    patient: ClientPool,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#quick = quick;
    this.#patient = patient;
    this.#nowMs = nowMs;
  }

  async read(statement: Statement): Promise<QueryResult> {
    const pipeline = flowingFirst(this.#quick);
    if (!pipeline.ready || this.#isSlow(statement.name)) return this.#patient.read(statement);
    try {
      return await pipeline.run(statement);
    } catch (error) {
      if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
      this.#remember(statement.name);
      return this.#patient.read(statement);
    }
  }

  #isSlow(name: string): boolean {
    return this.#slowUntilMs.size > 0 && (this.#slowUntilMs.get(name) ?? 0) > this.#nowMs();
  }

  #remember(name: string): void {
    if (name === '') return;
    if (this.#slowUntilMs.size === SLOW_MAX) this.#slowUntilMs.clear();
    this.#slowUntilMs.set(name, this.#nowMs() + SLOW_FOR_MS);
  }
}
