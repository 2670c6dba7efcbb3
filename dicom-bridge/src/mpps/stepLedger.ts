import type { DatabaseSync } from 'node:sqlite';
import { durably } from '../ledger/database.ts';
import type { PerformedStep, StepStatus } from './performedStep.ts';

/** A step of which the record does not know all yet. */
export interface PendingStep {
  step: PerformedStep;
  /** Counts its changes. */
  version: number;
  attempts: number;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS performed_step (
  sop_instance_uid TEXT PRIMARY KEY, status TEXT NOT NULL, content TEXT, version INTEGER NOT NULL, recorded INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, fault TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS performed_step_due ON performed_step (next_ms) WHERE recorded < version;
CREATE INDEX IF NOT EXISTS performed_step_open ON performed_step (content ->> 'sourceAeTitle') WHERE status = 'IN PROGRESS';`;

/** Steps that modalities have told of, in the ledger's database. What of a step is in the record, and at its end, is forgotten but for its status. */
export class StepLedger {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(SCHEMA);
  }

  /** Notes a step that has begun. @returns false where its UID is known */
  begin(step: PerformedStep, nowMs: number): boolean {
    const text = `INSERT INTO performed_step (sop_instance_uid, status, content, version, next_ms) VALUES (?, ?, ?, 1, ?) ON CONFLICT DO NOTHING`;
    return this.#durably(text, [step.sopInstanceUid, step.status, JSON.stringify(step), nowMs]) === 1;
  }

  /** Steps in progress that a peer has begun, and of which something was told, or tried to be recorded, at a time or later. */
  countOpen(sourceAeTitle: string, sinceMs: number): number {
    const text = `SELECT count(*) AS count FROM performed_step
      WHERE status = 'IN PROGRESS' AND content ->> 'sourceAeTitle' = ? AND next_ms >= ?`;
    return (this.#database.prepare(text).get(sourceAeTitle, sinceMs) as { count: number }).count;
  }

  /** Notes what is known of a step now. */
  change(step: PerformedStep, nowMs: number): void {
    const text = `UPDATE performed_step SET status = ?2, content = ?3, version = version + 1, next_ms = ?4 WHERE sop_instance_uid = ?1`;
    this.#durably(text, [step.sopInstanceUid, step.status, JSON.stringify(step), nowMs]);
  }

  /** @returns undefined for one that is not known; without `step` where it has come to its end */
  find(sopInstanceUid: string): { status: StepStatus; step?: PerformedStep } | undefined {
    const row = this.#database
      .prepare('SELECT status, content FROM performed_step WHERE sop_instance_uid = ?')
      .get(sopInstanceUid) as { status: StepStatus; content: string | null } | undefined;
    if (row?.status !== 'IN PROGRESS') return row && { status: row.status };
    return { status: row.status, step: JSON.parse(row.content!) as PerformedStep };
  }

  /** The one that has to go into the record first; undefined for none now. */
  due(nowMs: number): PendingStep | undefined {
    const text = `SELECT content, version, attempts FROM performed_step WHERE recorded < version AND next_ms <= ? ORDER BY next_ms LIMIT 1`;
    const row = this.#database.prepare(text).get(nowMs) as
      { content: string; version: number; attempts: number } | undefined;
    return row && { ...row, step: JSON.parse(row.content) as PerformedStep };
  }

  /** When there is one; undefined for never. */
  nextMs(): number | undefined {
    const text = 'SELECT min(next_ms) AS next FROM performed_step WHERE recorded < version';
    return (this.#database.prepare(text).get() as { next: number | null }).next ?? undefined;
  }

  /** The record has this version. */
  recorded({ step, version }: PendingStep): void {
    const text = `UPDATE performed_step SET recorded = ?2, attempts = 0, fault = NULL,
      content = CASE WHEN status = 'IN PROGRESS' OR version > ?2 THEN content END WHERE sop_instance_uid = ?1`;
    this.#database.prepare(text).run(step.sopInstanceUid, version);
  }

  /** It could not be recorded: it is tried again, not before a time. */
  postpone({ step }: PendingStep, nextMs: number, fault: string): void {
    const text =
      'UPDATE performed_step SET attempts = attempts + 1, next_ms = ?2, fault = ?3 WHERE sop_instance_uid = ?1';
    this.#database.prepare(text).run(step.sopInstanceUid, nextMs, fault);
  }

  /** How many have not got into the record as they are now, and how many of those it has refused. */
  counts(): { waiting: number; failing: number } {
    const text = `SELECT count(*) AS waiting, count(*) FILTER (WHERE fault IS NOT NULL) AS failing FROM performed_step WHERE recorded < version`;
    return { ...this.#database.prepare(text).get() } as unknown as { waiting: number; failing: number };
  }

  /** A modality that was answered Success will not tell it again: it must survive a power loss. @returns rows that were changed */
  #durably(text: string, values: (string | number)[]): number {
    return durably(this.#database, () => Number(this.#database.prepare(text).run(...values).changes));
  }
}
