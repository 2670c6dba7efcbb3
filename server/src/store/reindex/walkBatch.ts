import type { IndexRows } from '../index/rows.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { int8Array } from '../resource/binaryArray.ts';
import type { KnownPlan } from '../resource/plannedWrites.ts';
import { tableNames } from '../schema/names.ts';
import { rewriteSql, rewriteValues } from './rewriteSql.ts';
import type { Walk, Walks } from './walks.ts';

/** Resources of one transaction: their rows stay locked while it runs. */
const BATCH_ROWS_MAX = 100;
/** Characters of content in one transaction, unless a single resource has more. */
const BATCH_CHARS_MAX = 2 * 2 ** 20;
/** A table of more rows is not counted. */
const COUNTED_ROWS_MAX = 1_000_000;
/** How long a resource is waited for at a time. */
const LOCK_WAIT_MS_MAX = 1_000;
/** SQLSTATE of what could not be locked in time. */
const LOCK_NOT_AVAILABLE = '55P03';

export interface WalkParts {
  database: Database;
  schema: string;
  walks: Walks;
  plan: KnownPlan;
}

interface LockedRow {
  rid: string;
  id: string;
  content: string;
}

const once = (text: string, values: unknown[] = []) => ({ name: '', text, values });

/** `end`: there are no more resources. `held up`: another transaction is writing the next one; nothing was done. */
type StepKind = 'goes on' | 'held up' | 'end' | 'taken away';

/** What a step came to, and where the walk stands then. */
export interface Step {
  kind: StepKind;
  walk: Walk;
}

/**
 * The next step of a claimed walk, in one transaction: the resources behind the last one get the rows of their content.
 *
 * Locks are taken without waiting, and the batch ends before the first resource that another transaction is writing. That
 * one is then waited for alone, in a transaction that holds no other: so no writer ever waits for one that it waits for,
 * whatever the order of the writes.
 *
 * @throws an error that isStalePlan knows when the plan has changed
 */
export async function walkBatch(parts: WalkParts, worker: string, claimed: Walk): Promise<Step> {
  const { database, walks } = parts;
  let step = await database.transaction((tx) => batch(parts, tx, worker, claimed));
  if (step.kind === 'held up') step = await stepAlone(parts, worker, claimed);
  if (step.kind === 'end') await database.transaction((tx) => walks.finish(tx, worker, claimed));
  return step;
}

/** One resource, which is waited for; not for long, since whoever asks for a walk, or for another one, waits as well. */
async function stepAlone(parts: WalkParts, worker: string, claimed: Walk): Promise<Step> {
  try {
    return await parts.database.transaction(async (tx) => {
      await tx.query(once(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS_MAX}`));
      return batch(parts, tx, worker, claimed, { alone: true });
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
    await parts.walks.keep(worker);
    return { kind: 'goes on', walk: claimed };
  }
}

/** @param options.alone one resource, which is waited for */
async function batch(
  parts: WalkParts,
  tx: Transaction,
  worker: string,
  claimed: Walk,
  { alone } = { alone: false },
): Promise<Step> {
  const { schema, walks, plan } = parts;
  const { type } = claimed;
  const walk = await walks.lock(tx, worker, claimed);
  if (!walk) return { kind: 'taken away', walk: claimed };
  const { resource } = tableNames(schema, type);
  const exists = await tx.query(once('SELECT to_regclass($1) AS name', [resource]));
  const rids = exists.rows[0]!.name === null ? [] : await nextRids(tx, resource, walk.lastRid, alone);
  if (rids.length === 0) return { kind: 'end', walk };
  if (walk.total === undefined) {
    walk.total = await countOf(tx, resource);
    await walks.setTotal(tx, type, walk.total);
  }
  const { upTo, rows } = await lockRows(tx, resource, rids, alone);
  if (upTo === 0) return { kind: 'held up', walk };
  const changed = rows.length === 0 ? 0 : await rewrite(tx, schema, type, plan, rows);
  const lastRid = rids[upTo - 1]!;
  await walks.advance(tx, type, { lastRid, done: upTo, changed });
  return {
    kind: 'goes on',
    walk: { ...walk, lastRid, done: walk.done + upTo, changed: walk.changed + changed },
  };
}

async function nextRids(tx: Transaction, resource: string, after: string, alone: boolean): Promise<string[]> {
  const { rows } = await tx.query(
    once(
      `SELECT rid, coalesce(octet_length(content), 0) AS bytes FROM ${resource} WHERE rid > $1 ORDER BY rid LIMIT $2`,
      [after, alone ? 1 : BATCH_ROWS_MAX],
    ),
  );
  let left = BATCH_CHARS_MAX;
  const read = rows as { rid: string; bytes: number }[];
  const end = read.findIndex(({ bytes }, i) => (left -= bytes) < 0 && i > 0);
  return read.slice(0, end < 0 ? undefined : end).map(({ rid }) => rid);
}

/** Of large tables as PostgreSQL estimates it: counting would take longer than a transaction may. */
async function countOf(tx: Transaction, resource: string): Promise<number> {
  const estimate = await tx.query(
    once(`SELECT reltuples AS total FROM pg_class WHERE oid = to_regclass($1)`, [resource]),
  );
  const total = Number(estimate.rows[0]!.total);
  if (total > COUNTED_ROWS_MAX) return Math.round(total);
  const { rows } = await tx.query(once(`SELECT count(*) AS total FROM ${resource}`));
  return Number(rows[0]!.total);
}

/** @returns how many of the rids are dealt with, and those of them that are no deletions; all of them when it waits */
async function lockRows(
  tx: Transaction,
  resource: string,
  rids: readonly string[],
  waits: boolean,
): Promise<{ upTo: number; rows: LockedRow[] }> {
  const text = `SELECT rid, id, content FROM ${resource} WHERE rid = ANY ($1::bigint[]) FOR NO KEY UPDATE`;
  const { rows } = await tx.query(once(waits ? text : `${text} SKIP LOCKED`, [int8Array(rids)]));
  const locked = new Map(rows.map((row) => [row.rid as string, row as unknown as LockedRow]));
  const written = waits ? -1 : rids.findIndex((rid) => !locked.has(rid));
  const upTo = written < 0 ? rids.length : written;
  return { upTo, rows: live(rids.slice(0, upTo).flatMap((rid) => locked.get(rid) ?? [])) };
}

const live = (rows: readonly LockedRow[]) => rows.filter(({ content }) => content !== null);

async function rewrite(
  tx: Transaction,
  schema: string,
  type: string,
  plan: KnownPlan,
  rows: readonly LockedRow[],
): Promise<number> {
  const { revision } = plan;
  const index = rows.map((row) => indexRows(plan, type, row));
  const rids = rows.map(({ rid }) => rid);
  const text = rewriteSql(schema, type, tableNames(schema, type));
  const result = await tx.query({
    name: `rewrite-${type}`,
    text,
    values: rewriteValues(rids, index, revision),
  });
  return result.rows[0]!.changed as number;
}

function indexRows(plan: KnownPlan, type: string, { id, content }: LockedRow): IndexRows {
  try {
    return plan.index(content);
  } catch (error) {
    throw new Error(`${type}/${id} cannot be indexed`, { cause: error });
  }
}
