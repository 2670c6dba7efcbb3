import { fhirError } from '../../fhir/outcome.ts';
import { auditParameters } from '../audit/auditRows.ts';
import { Batcher } from '../batcher.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Key } from '../index/rows.ts';
import type { Database, QueryResult, Statement } from '../postgres/database.ts';
import { tableNames } from '../schema/names.ts';
import type { ResourceTypes } from '../schema/resourceTypes.ts';
import { insertSql, insertValues, isStalePlan } from './insertSql.ts';
import { putSql, putValues, type PutRow } from './putSql.ts';
import { ordinals } from './sideRows.ts';
import { FIRST_PLAN, PlannedWrites, type KnownPlan } from './plannedWrites.ts';
import type { RowIds } from './rowIds.ts';
import type { CreateWrite, DeleteWrite, PutWrite, Write, WriteResult } from './types.ts';

/** Rows of one statement at the most. */
const BATCH_ROWS_MAX = 100;
/** Characters of content in one statement of several rows: a large resource goes alone, and none waits for its neighbours' bytes. */
const BATCH_CHARS_MAX = 4 * 2 ** 20;
/** Batches of one resource type under way at once. */
const BATCHES_IN_FLIGHT_MAX = 4;
/** A further batch starts beside others only with this many rows: a few large commits cost less than many small ones. */
const FURTHER_BATCH_ROWS_MIN = 8;
/** A larger batch is planned for itself; up to this one, the plan that is kept will do. */
const NAMED_ROWS_MAX = 200;
/** Rows of one statement of a transaction at the most: some of its joins compare each row with each. */
const TRANSACTION_BATCH_ROWS_MAX = 1_000;
/** How often a write is tried when others write its resource at the same moment. */
const PUT_TRIES_MAX = 5;
/** What became of a put that met another writer of its resource: nothing, and it is to be tried again. */
const OVERTAKEN = 'overtaken';

type Put = PutWrite | DeleteWrite;
type PutOutcome = WriteResult | typeof OVERTAKEN;
type Run = (statement: Statement) => Promise<QueryResult>;

/**
 * Writes resources with history, index and change rows. Single writes that arrive together share a statement
 * and a commit; each is acknowledged only after that commit.
 */
export class Writer {
  readonly #database: Database;
  readonly #schema: string;
  readonly #types: ResourceTypes;
  readonly #rowIds: RowIds;
  readonly #index: IndexQuery;
  readonly #planned: PlannedWrites;
  readonly #creates = new Map<string, Batcher<CreateWrite, WriteResult>>();
  readonly #puts = new Map<string, Batcher<Put, PutOutcome>>();
  readonly #sql = new Map<string, string>();

  constructor(
    database: Database,
    schema: string,
    types: ResourceTypes,
    rowIds: RowIds,
    index: IndexQuery,
    plan: KnownPlan = FIRST_PLAN,
  ) {
    this.#index = index;
    this.#planned = new PlannedWrites(plan);
    this.#database = database;
    this.#schema = schema;
    this.#types = types;
    this.#rowIds = rowIds;
  }

  /** One write in a commit of its own, or shared with others that do not depend on it. */
  async write(write: Write): Promise<WriteResult> {
    await this.#types.ensure(write.type);
    return this.againWhenStale(async () => {
      const current = this.#planned.current(write);
      try {
        const outcome = await this.#together(current);
        return outcome === OVERTAKEN ? await this.#putLocked(current as Put) : outcome;
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
      const run = (items: Put[]) => this.#putOnce(items, this.#autocommit, null);
      return this.#batcher(this.#puts, write.type, run).submit(write);
    }
    const run = (items: CreateWrite[]) => this.#insert(items, this.#autocommit, null);
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
          ? await this.#insert(items as CreateWrite[], run, at)
          : await this.#putAll(items as Put[], run, at);
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
      if (write.method !== 'C') return await this.#putLocked(write);
      return (await this.#insert([write], this.#autocommit, null))[0]!;
    } catch (error) {
      if (isStalePlan(error) || !isContentFault(error)) throw error;
      throw fhirError(
        'unprocessable',
        'value',
        'A value of the resource cannot be stored or indexed: shorten or correct it.',
      );
    }
  }

  async #insert(writes: CreateWrite[], run: Run, at: Date | null): Promise<WriteResult[]> {
    const rids = await this.#rowIds.take(writes.length);
    const revision = this.#planned.revisionOf(writes);
    const values = insertValues(writes, rids, this.#selves(writes), at, revision);
    const audit = writes.flatMap((write) => write.audit ?? []).map((row) => ({ ...row, version: 1 }));
    const recorded = audit.length === 0 ? [] : auditParameters(audit);
    const statement = this.#statement('insert', writes, values, recorded);
    const result = await run(statement);
    const lastUpdated = result.rows[0]!.ts as Date;
    return writes.map(() => ({ applied: true, created: true, version: 1, lastUpdated }));
  }

  /** In an open transaction: from the second try on the rows stay locked, others can come in between once at the most. */
  async #putAll(writes: Put[], run: Run, at: Date | null): Promise<WriteResult[]> {
    const results = new Array<WriteResult>(writes.length);
    let open = writes.map((_, position) => position);
    for (let tries = 0; open.length > 0; tries++) {
      if (tries === PUT_TRIES_MAX) throw writtenByOthers();
      const batch = open.map((position) => writes[position]!);
      const outcomes = await this.#putOnce(batch, run, at);
      const again: number[] = [];
      open.forEach((position, i) => {
        const outcome = outcomes[i]!;
        if (outcome === OVERTAKEN) again.push(position);
        else results[position] = outcome;
      });
      open = again;
    }
    return results;
  }

  /** One statement. */
  async #putOnce(writes: Put[], run: Run, at: Date | null): Promise<PutOutcome[]> {
    // In the order of the ids: two batches that write the same resources then wait for each other, and never in a ring.
    const order = writes
      .map((_, position) => position)
      .sort((a, b) => (writes[a]!.id < writes[b]!.id ? -1 : 1));
    const batch = order.map((position) => writes[position]!);
    const rids = await this.#rowIds.take(batch.length);
    const revision = this.#planned.revisionOf(batch);
    const values = putValues(batch, rids, this.#selves(batch), at, revision);
    const answer = await run(this.#statement('put', batch, values, recordedPuts(batch)));
    const outcomes = new Array<PutOutcome>(writes.length);
    (answer.rows as unknown as PutRow[]).forEach((row, i) => {
      outcomes[order[i]!] = row.again ? OVERTAKEN : putResult(row, batch[i]!);
    });
    return outcomes;
  }

  /** Locks the row in a statement of its own, so that the next one's snapshot is behind every other writer. */
  async #putLocked(write: Put): Promise<WriteResult> {
    const { resource } = tableNames(this.#schema, write.type);
    const text = `SELECT 1 FROM ${resource} WHERE self = $1 FOR UPDATE`;
    const lock = { name: `lock-${write.type}`, text, values: this.#selves([write]) };
    const [result] = await this.#database.transaction(async (tx) => {
      await tx.query(lock);
      return this.#putAll([write], (statement) => tx.query(statement), null);
    });
    return result!;
  }

  #selves(writes: readonly Write[]): Key[] {
    return writes.map(({ type, id }) => this.#index.selfKey(type, id));
  }

  /** @param recorded parameters of rows of the audit log; empty: none are written */
  #statement(
    kind: 'insert' | 'put',
    writes: readonly Write[],
    values: unknown[],
    recorded: unknown[],
  ): Statement {
    const { type } = writes[0]!;
    const isRecorded = recorded.length > 0;
    const name = `${kind}-${type}${isRecorded ? '-audit' : ''}`;
    let text = this.#sql.get(name);
    if (text === undefined) {
      const make = kind === 'insert' ? insertSql : putSql;
      text = make(this.#schema, type, tableNames(this.#schema, type), isRecorded);
      this.#sql.set(name, text);
    }
    return { name: writes.length > NAMED_ROWS_MAX ? '' : name, text, values: [...values, ...recorded] };
  }
}

/** Which write each row of the audit log is about, and the rows. */
function recordedPuts(writes: readonly Put[]): unknown[] {
  const rows = writes.flatMap(({ audit = [] }, position) => audit.map((row) => ({ row, position })));
  if (rows.length === 0) return [];
  return [ordinals(rows.map(({ position }) => position)), ...auditParameters(rows.map(({ row }) => row))];
}

const writtenByOthers = () =>
  fhirError('conflict', 'conflict', 'The resource is being written by others: try again.');

function putResult(row: PutRow, write: Put): WriteResult {
  if (row.applied) {
    return { applied: true, created: row.live_version === 0, version: row.version!, lastUpdated: row.ts! };
  }
  const expectationFailed = write.expectedVersion !== undefined && write.expectedVersion !== row.live_version;
  return {
    applied: false,
    reason: expectationFailed ? 'mismatch' : 'absent',
    currentVersion: row.live_version,
  };
}

interface WriteGroup {
  kind: 'C' | 'P';
  positions: number[];
}

/** Types in alphabetical order, then ids, new resources last: concurrent transactions lock in the same order. */
function inLockOrder(writes: readonly Write[]): WriteGroup[] {
  const groups = new Map<string, WriteGroup>();
  writes.forEach((write, position) => {
    const kind = write.method === 'C' ? 'C' : 'P';
    const name = `${kind === 'C' ? 1 : 0}${write.type}`;
    const group = groups.get(name) ?? { kind, positions: [] };
    group.positions.push(position);
    groups.set(name, group);
  });
  const byName = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return byName.flatMap(([, group]) => chunks(writes, group));
}

/** Parts of a group that one statement takes. */
function chunks(writes: readonly Write[], { kind, positions }: WriteGroup): WriteGroup[] {
  if (positions.length <= TRANSACTION_BATCH_ROWS_MAX) return [{ kind, positions }];
  const ordered = positions.toSorted((a, b) => (writes[a]!.id < writes[b]!.id ? -1 : 1));
  const parts: WriteGroup[] = [];
  for (let at = 0; at < ordered.length; at += TRANSACTION_BATCH_ROWS_MAX) {
    parts.push({ kind, positions: ordered.slice(at, at + TRANSACTION_BATCH_ROWS_MAX) });
  }
  return parts;
}

function firstTime(results: readonly WriteResult[]): Date | null {
  return results.find((result) => result.applied)?.lastUpdated ?? null;
}

/** SQLSTATE class 40: rolled back for the sake of another transaction, nothing was done. */
function isCollision(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code.startsWith('40');
}

/** SQLSTATE classes that say that a value, not the system, is at fault: 22 data exception, 54 limit exceeded. */
function isContentFault(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && (code.startsWith('22') || code.startsWith('54'));
}
