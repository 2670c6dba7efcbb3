import { fhirError } from '../../fhir/outcome.ts';
import { Batcher } from '../batcher.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Database } from '../postgres/database.ts';
import { isCollision, isContentFault } from '../postgres/failures.ts';
import type { ResourceTypes } from '../schema/resourceTypes.ts';
import { isStalePlan } from './insertSql.ts';
import { inLockOrder } from './lockOrder.ts';
import { FIRST_PLAN, PlannedWrites, type KnownPlan } from './plannedWrites.ts';
import type { RowIds } from './rowIds.ts';
import { OVERTAKEN, RowWrites, type Put, type PutOutcome, type Run } from './rowWrites.ts';
import type { CreateWrite, Write, WriteResult } from './types.ts';

/** Rows of one statement at the most. */
const BATCH_ROWS_MAX = 100;
/** Characters of content in one statement of several rows: a large resource goes alone, and none waits for its neighbours' bytes. */
const BATCH_CHARS_MAX = 4 * 2 ** 20;
/** Batches of one resource type under way at once. */
const BATCHES_IN_FLIGHT_MAX = 4;
/** A further batch starts beside others only with this many rows: a few large commits cost less than many small ones. */
const FURTHER_BATCH_ROWS_MIN = 8;

/**
 * Writes resources with history, index and change rows. Single writes that arrive together share a statement
 * and a commit; each is acknowledged only after that commit.
 */
export class Writer {
  readonly #database: Database;
  readonly #types: ResourceTypes;
  readonly #planned: PlannedWrites;
  readonly #rows: RowWrites;
  readonly #creates = new Map<string, Batcher<CreateWrite, WriteResult>>();
  readonly #puts = new Map<string, Batcher<Put, PutOutcome>>();

  constructor(
    database: Database,
    schema: string,
    types: ResourceTypes,
    rowIds: RowIds,
    index: IndexQuery,
    plan: KnownPlan = FIRST_PLAN,
  ) {
    const planned = new PlannedWrites(plan);
    this.#database = database;
    this.#types = types;
    this.#planned = planned;
    this.#rows = new RowWrites({ database, schema, rowIds, index, planned });
  }

  /** One write in a commit of its own, or shared with others that do not depend on it. */
  async write(write: Write): Promise<WriteResult> {
    await this.#types.ensure(write.type);
    return this.againWhenStale(async () => {
      const current = this.#planned.current(write);
      try {
        const outcome = await this.#together(current);
        return outcome === OVERTAKEN ? await this.#rows.putLocked(current as Put) : outcome;
      } catch (error) {
        if (isStalePlan(error) || (!isContentFault(error) && !isCollision(error))) throw error;
        return this.#alone(current);
      }
    });
  }

  /** Runs what writes, such as a transaction, and again when the index plan has changed meanwhile. */
  againWhenStale<T>(work: () => Promise<T>): Promise<T> {
    return this.#planned.againWhenStale(work);
  }

  /** A batch is one statement: where it fails, nothing of any of its writes was done. */
  #together(write: Write): Promise<PutOutcome> {
    if (write.method !== 'C') {
      const run = (items: Put[]) => this.#rows.putOnce(items, this.#autocommit, null);
      return this.#batcher(this.#puts, write.type, run).submit(write);
    }
    const run = (items: CreateWrite[]) => this.#rows.insert(items, this.#autocommit, null);
    return this.#batcher(this.#creates, write.type, run).submit(write);
  }

  /**
   * Several writes on one open transaction: one statement, or a few, for each resource type and kind. Resource ids must be
   * distinct. Results are in the order of the writes; all carry the same time. The transaction runs in {@link againWhenStale}.
   *
   * @param since time of what the transaction has written before
   */
  async writeAll(writes: readonly Write[], run: Run, since: Date | null = null): Promise<WriteResult[]> {
    const results = new Array<WriteResult>(writes.length);
    let at = since;
    for (const group of inLockOrder(writes)) {
      const items = group.positions.map((position) => this.#planned.current(writes[position]!));
      const answers: WriteResult[] =
        group.kind === 'C'
          ? await this.#rows.insert(items as CreateWrite[], run, at)
          : await this.#rows.putAll(items as Put[], run, at);
      group.positions.forEach((position, i) => (results[position] = answers[i]!));
      at ??= firstTime(answers);
    }
    return results;
  }

  /** Makes the tables that the writes need; before the transaction, since DDL has one of its own. */
  async ensureTypes(writes: readonly Pick<Write, 'type'>[]): Promise<void> {
    for (const type of new Set(writes.map((write) => write.type))) await this.#types.ensure(type);
  }

  readonly #autocommit: Run = (statement) => this.#database.write(statement);

  #batcher<In extends Write, Out>(
    batchers: Map<string, Batcher<In, Out>>,
    type: string,
    run: (items: In[]) => Promise<Out[]>,
  ): Batcher<In, Out> {
    let batcher = batchers.get(type);
    if (batcher === undefined) {
      const keyOf = (write: In) => write.id;
      batcher = new Batcher(run, {
        itemsMax: BATCH_ROWS_MAX,
        inFlightMax: BATCHES_IN_FLIGHT_MAX,
        furtherMin: FURTHER_BATCH_ROWS_MIN,
        keyOf,
        weightOf: (write) => (write.method === 'D' ? 0 : write.content.tail.length),
        weightMax: BATCH_CHARS_MAX,
      });
      batchers.set(type, batcher);
    }
    return batcher;
  }

  /** Again without the others: one row that PostgreSQL refuses must not fail its neighbours. */
  async #alone(write: Write): Promise<WriteResult> {
    try {
      if (write.method !== 'C') return await this.#rows.putLocked(write);
      return (await this.#rows.insert([write], this.#autocommit, null))[0]!;
    } catch (error) {
      if (isStalePlan(error) || !isContentFault(error)) throw error;
      throw fhirError(
        'unprocessable',
        'value',
        'A value of the resource cannot be stored or indexed: shorten or correct it.',
      );
    }
  }
}

function firstTime(results: readonly WriteResult[]): Date | null {
  return results.find((result) => result.applied)?.lastUpdated ?? null;
}
