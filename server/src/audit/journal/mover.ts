import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isBusy } from '../../fhir/outcome.ts';
import { makeFolder } from '../../store/makeFolder.ts';
import { AuditRows } from '../../store/audit/auditRows.ts';
import type { AuditTable } from '../../store/audit/auditTable.ts';
import { Pauses } from '../../background/pauses.ts';
import { reasonOf, type Log } from '../../store/postgres/log.ts';
import type { AuditKeys } from '../auditKeys.ts';
import { recordOf, rowOf } from '../encode.ts';
import { OUTCOME, type AuditRecord } from '../record.ts';
import type { Journal, JournalSpace } from './journal.ts';
import { BEAT_MS, adoptDead, type OwnedFolder } from './owner.ts';
import { BATCH_ROWS_MAX, type RecentRows, type RowBatch } from './recentRows.ts';
import { JournalReader, removeMoved, type Current, type JournalBatch } from './reader.ts';
import { bytesIn } from './segments.ts';

/** Records wait so long for others to be moved with them. */
const GATHER_MS = 200;
/** After a failure, up to so long. */
const BACK_OFF_MS_MIN = 100;
const BACK_OFF_MS_MAX = 5_000;
/** Sub-folder for journals of which records were lost. */
const DAMAGED_FOLDER = 'damaged';

export interface MoverOptions {
  root: string;
  table: AuditTable;
  keys: AuditKeys;
  space: JournalSpace;
  log: Log;
}

interface Source {
  folder: OwnedFolder;
  current: Current;
  /** What need not be read from the files. */
  recent?: RecentRows;
  /** Number of the next row; absent: the database is to say. */
  position?: number | undefined;
  reader?: JournalReader | undefined;
  /** Records were lost: its files are kept for whoever looks into it. */
  damaged: boolean;
}

/**
 * Moves records from journals into the log, exactly once: the position of a journal is written in the transaction that writes its
 * records, and only from where it stood. First those of dead processes, then this one's.
 */
export class Mover {
  readonly #options: MoverOptions;
  readonly #journal: Journal;
  readonly #pauses = new Pauses();
  #own: Source | undefined;
  #adopted: Source[] = [];
  #beatMs = 0;
  #backOffMs = 0;
  #running: Promise<void> | undefined;
  /** Records were written since the last look. */
  #isBehind = false;
  #isWaiting = false;

  constructor(journal: Journal, options: MoverOptions) {
    this.#options = options;
    this.#journal = journal;
  }

  start(): void {
    this.#journal.onWritten(() => {
      this.#isBehind = true;
      if (!this.#isWaiting) return;
      this.#isWaiting = false;
      this.#pauses.wake();
    });
    this.#running = this.#run();
  }

  /** Moves what is there, if the database lets it, and ends. The journal is closed before. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    await this.#running;
    try {
      await this.#moveAll();
      if (this.#own) this.#removeFolder(this.#own);
    } catch (error) {
      const text = `the audit journal could not be moved to the end, the next start does it: ${reasonOf(error)}`;
      this.#options.log(isBusy(error) ? 'warn' : 'error', text);
    }
  }

  async #run(): Promise<void> {
    while (!this.#pauses.stopped) {
      try {
        this.#beat();
        this.#isBehind = false;
        await this.#moveAll();
        this.#backOffMs = 0;
        if (!this.#isBehind) await this.#nextWrite();
        await this.#pauses.pause(GATHER_MS);
      } catch (error) {
        const what = isBusy(error) ? 'waits for the database' : reasonOf(error);
        if (this.#backOffMs === 0) this.#options.log('warn', `moving the audit journal: ${what}`);
        this.#startOver();
        this.#backOffMs = Math.min(Math.max(BACK_OFF_MS_MIN, this.#backOffMs * 2), BACK_OFF_MS_MAX);
        await this.#pauses.pause(this.#backOffMs);
      }
    }
  }

  async #nextWrite(): Promise<void> {
    this.#isWaiting = true;
    await this.#pauses.pause(BEAT_MS);
    this.#isWaiting = false;
  }

  #beat(): void {
    if (Date.now() - this.#beatMs < BEAT_MS) return;
    this.#beatMs = Date.now();
    this.#journal.beat();
    const dead = adoptDead(this.#options.root);
    for (const folder of dead) {
      this.#options.log('info', `taking over the audit journal ${folder.id} of a process that has ended`);
      this.#adopted.push({ folder, current: () => undefined, damaged: false });
    }
    if (dead.length > 0) this.#measure();
  }

  /** What became of the last statement may not be known: positions are asked for again. */
  #startOver(): void {
    for (const source of [...this.#adopted, ...(this.#own ? [this.#own] : [])]) delete source.position;
  }

  async #moveAll(): Promise<void> {
    for (const source of [...this.#adopted]) {
      await this.#move(source);
      this.#adopted.splice(this.#adopted.indexOf(source), 1);
      this.#removeFolder(source);
      this.#measure();
    }
    if (this.#own?.folder !== this.#journal.folder) {
      const current = () => this.#journal.current;
      const { folder, recent } = this.#journal;
      this.#own = { folder, current, recent, damaged: false };
    }
    await this.#move(this.#own);
  }

  async #move(source: Source): Promise<void> {
    const { folder, current } = source;
    const { table } = this.#options;
    if (source.position === undefined) {
      await table.register(folder.id);
      source.position = await table.position(folder.id);
      delete source.reader;
    }
    for (;;) {
      const batch = this.#next(source, source.position);
      if (batch === undefined) return;
      await this.#moveBatch(folder, batch);
      source.position = batch.to;
      if (!source.damaged) removeMoved(folder.path, batch.to, current);
      this.#measure();
      if (batch.rows.count < BATCH_ROWS_MAX) return; // what comes meanwhile waits for others
    }
  }

  /** The rows from a position on: what is in memory of them, or what the files have up to there. */
  #next(source: Source, position: number): RowBatch | undefined {
    const { folder, current, recent } = source;
    const batch = recent?.take(position);
    if (batch !== undefined) {
      delete source.reader; // it has been overtaken
      return batch;
    }
    const upTo = recent?.first ?? Number.POSITIVE_INFINITY;
    source.reader ??= new JournalReader(folder.path, position, current);
    const read = source.reader.next(Math.min(BATCH_ROWS_MAX, upTo - position));
    return read && { from: read.from, to: read.to, rows: this.#rowsOf(source, read) };
  }

  #rowsOf(source: Source, { rows, tornBytes, lost }: JournalBatch): AuditRows {
    const { keys, log } = this.#options;
    const { folder } = source;
    const all = new AuditRows();
    for (const row of rows)
      all.add({ ...row, version: null, ...keys.of(recordOf({ ...row, version: null })) });
    if (tornBytes > 0)
      log('warn', `audit journal ${folder.id}: cut ${tornBytes} bytes of a write that was interrupted`);
    if (lost > 0) {
      log('error', `audit journal ${folder.id}: ${lost} records cannot be read and are lost`);
      source.damaged = true;
      all.add(rowOf(lossRecord(folder.id, lost), keys));
    }
    return all;
  }

  async #moveBatch(folder: OwnedFolder, { from, to, rows }: RowBatch): Promise<void> {
    if (to === from) return;
    const moved = await this.#options.table.move({ journal: folder.id, from, to, rows });
    if (!moved) throw new Error(`the audit journal ${folder.id} does not stand at ${from}`);
  }

  #removeFolder({ folder, damaged }: Source): void {
    const { root, log } = this.#options;
    if (damaged) {
      const target = path.join(root, DAMAGED_FOLDER, folder.id);
      makeFolder(path.dirname(target), 0o700);
      renameSync(folder.path, target);
      log('error', `the damaged audit journal is kept in ${target}`);
    } else rmSync(folder.path, { recursive: true });
  }

  /** How much the journals of this process take by now. */
  #measure(): void {
    const folders = [this.#journal.folder, ...this.#adopted.map(({ folder }) => folder)];
    this.#options.space.usedBytes = folders.reduce((sum, folder) => sum + bytesIn(folder.path), 0);
  }
}

const lossRecord = (journal: string, records: number): AuditRecord => ({
  recordedMs: Date.now(),
  event: 'audit-stopped',
  outcome: OUTCOME.majorFailure,
  outcomeText: `${records} records of the audit journal ${journal} could not be read`,
  agent: {},
  patients: [],
  resources: [],
});
