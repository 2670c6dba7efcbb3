import { fhirError } from '../../fhir/outcome.ts';
import { auditParameters } from '../audit/auditRows.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Key } from '../index/rows.ts';
import type { Database, QueryResult, Statement } from '../postgres/database.ts';
import { tableNames } from '../schema/names.ts';
import { meets } from './expectedVersion.ts';
import { insertSql, insertValues } from './insertSql.ts';
import type { PlannedWrites } from './plannedWrites.ts';
import { putSql, putValues, type PutRow } from './putSql.ts';
import type { RowIds } from './rowIds.ts';
import { ordinals } from './sideRows.ts';
import type { CreateWrite, DeleteWrite, PutWrite, Write, WriteResult } from './types.ts';

/** A larger batch is planned for itself; up to this one, the plan that is kept will do. */
const NAMED_ROWS_MAX = 200;
/** How often a write is tried when others write its resource at the same moment. */
const PUT_TRIES_MAX = 5;
/** What became of a put that met another writer of its resource: nothing, and it is to be tried again. */
export const OVERTAKEN = 'overtaken';

export type Put = PutWrite | DeleteWrite;
export type PutOutcome = WriteResult | typeof OVERTAKEN;
/** Runs a statement: by itself, or in a transaction. */
export type Run = (statement: Statement) => Promise<QueryResult>;

export interface RowWriteParts {
  database: Database;
  schema: string;
  rowIds: RowIds;
  index: IndexQuery;
  planned: PlannedWrites;
}

/** The statements that write the rows of resources of one type: a batch is one statement, which does all of it or nothing. */
export class RowWrites {
  readonly #parts: RowWriteParts;
  readonly #sql = new Map<string, string>();

  constructor(parts: RowWriteParts) {
    this.#parts = parts;
  }

  /** New resources. @param at time of the surrounding transaction, or null for now */
  async insert(writes: CreateWrite[], run: Run, at: Date | null): Promise<WriteResult[]> {
    const rids = await this.#parts.rowIds.take(writes.length);
    const revision = this.#parts.planned.revisionOf(writes);
    const values = insertValues(writes, rids, this.#selves(writes), at, revision);
    const audit = writes.flatMap((write) => write.audit ?? []).map((row) => ({ ...row, version: 1 }));
    const recorded = audit.length === 0 ? [] : auditParameters(audit);
    const statement = this.#statement('insert', writes, values, recorded);
    const result = await run(statement);
    const lastUpdated = result.rows[0]!.ts as Date;
    return writes.map(() => ({ applied: true, created: true, version: 1, lastUpdated }));
  }

  /** In an open transaction: from the second try on the rows stay locked, others can come in between once at the most. */
  async putAll(writes: Put[], run: Run, at: Date | null): Promise<WriteResult[]> {
    const results = new Array<WriteResult>(writes.length);
    let open = writes.map((_, position) => position);
    for (let tries = 0; open.length > 0; tries++) {
      if (tries === PUT_TRIES_MAX) throw writtenByOthers();
      const batch = open.map((position) => writes[position]!);
      const outcomes = await this.putOnce(batch, run, at);
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

  /** In one statement; what met another writer is left undone and comes back as such. */
  async putOnce(writes: Put[], run: Run, at: Date | null): Promise<PutOutcome[]> {
    // In the order of the ids: two batches that write the same resources then wait for each other, and never in a ring.
    const order = writes
      .map((_, position) => position)
      .sort((a, b) => (writes[a]!.id < writes[b]!.id ? -1 : 1));
    const batch = order.map((position) => writes[position]!);
    const rids = await this.#parts.rowIds.take(batch.length);
    const revision = this.#parts.planned.revisionOf(batch);
    const values = putValues(batch, rids, this.#selves(batch), at, revision);
    const answer = await run(this.#statement('put', batch, values, recordedPuts(batch)));
    const outcomes = new Array<PutOutcome>(writes.length);
    (answer.rows as unknown as PutRow[]).forEach((row, i) => {
      outcomes[order[i]!] = row.again ? OVERTAKEN : putResult(row, batch[i]!);
    });
    return outcomes;
  }

  /** Locks the row in a statement of its own, so that the next one's snapshot is behind every other writer. */
  async putLocked(write: Put): Promise<WriteResult> {
    const { resource } = tableNames(this.#parts.schema, write.type);
    const text = `SELECT 1 FROM ${resource} WHERE self = $1 FOR UPDATE`;
    const lock = { name: `lock-${write.type}`, text, values: this.#selves([write]) };
    const [result] = await this.#parts.database.transaction(async (tx) => {
      await tx.query(lock);
      return this.putAll([write], (statement) => tx.query(statement), null);
    });
    return result!;
  }

  #selves(writes: readonly Write[]): Key[] {
    return writes.map(({ type, id }) => this.#parts.index.selfKey(type, id));
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
      text = make(this.#parts.schema, type, tableNames(this.#parts.schema, type), isRecorded);
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
  const expectationFailed =
    write.expectedVersion !== undefined && !meets(write.expectedVersion, row.live_version);
  return {
    applied: false,
    reason: expectationFailed ? 'mismatch' : 'absent',
    currentVersion: row.live_version,
  };
}
