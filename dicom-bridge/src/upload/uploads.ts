import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveRefusedError, type ImageArchive } from '../archive/imageArchive.ts';
import type { Ledger, LedgerRow } from '../ledger/ledger.ts';
import type { Burst } from './burst.ts';
import { reasonOf } from '../log/reason.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import type { Spool } from '../spool/spool.ts';

export interface UploadParts {
  ledger: Ledger;
  spool: Spool;
  archive: ImageArchive;
  log: (event: string, details: Record<string, unknown>) => void;
  /** An object is in the archive, or is refused for good. */
  onSettled: () => void;
  /** Absent: objects are sent as they come. */
  burst?: Pick<Burst, 'atOnce'>;
  times?: BackOffTimes;
}

export const UPLOAD_TIMES: BackOffTimes = { firstMs: 500, maxMs: 300_000 };

/** Objects that are sent to the archive at once. */
const AT_ONCE = 3;

/** Brings what was received into the archive: again and again until it is there, or is refused for good. */
export class Uploads {
  readonly #parts: UploadParts;
  readonly #times: BackOffTimes;
  readonly #underWay = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: UploadParts) {
    this.#parts = parts;
    this.#times = parts.times ?? UPLOAD_TIMES;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isStopped) return;
    const { ledger } = this.#parts;
    clearTimeout(this.#timer);
    const nowMs = Date.now();
    const atOnce = this.#parts.burst?.atOnce(AT_ONCE) ?? AT_ONCE;
    if (this.#underWay.size >= atOnce) return; // woken when one has ended, or when there is room
    for (const row of ledger.due('received', nowMs, atOnce + this.#underWay.size)) {
      if (this.#underWay.size >= atOnce) break;
      if (!this.#underWay.has(row.sopInstanceUid)) this.#begin(row);
    }
    const nextMs = ledger.nextMs('received');
    if (nextMs !== undefined && nextMs > nowMs)
      this.#timer = setTimeout(() => this.wake(), nextMs - nowMs).unref();
  }

  /** Ends when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  #begin(row: LedgerRow): void {
    const upload = this.#upload(row)
      .catch((error: unknown) => this.#pause(error))
      .finally(() => {
        this.#underWay.delete(row.sopInstanceUid);
        this.wake();
      });
    this.#underWay.set(row.sopInstanceUid, upload);
  }

  /** The database takes nothing, not even when to try again: the object is due as before. */
  async #pause(error: unknown): Promise<void> {
    this.#parts.log('upload not noted', { reason: reasonOf(error) });
    await sleep(this.#times.firstMs);
  }

  async #upload(row: LedgerRow): Promise<void> {
    const { ledger, spool, archive, log, onSettled } = this.#parts;
    const { sopInstanceUid: uid } = row;
    try {
      await archive.store({ ...row, path: spool.pathOf(row.file) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      log('object not archived', { attempts: row.attempts + 1, reason });
      if (!(error instanceof ArchiveRefusedError))
        return ledger.postpone(uid, Date.now() + backOffMs(row.attempts, this.#times), reason);
      ledger.quarantine(uid, reason);
      return onSettled();
    }
    ledger.advance(uid, 'archived');
    onSettled();
  }
}
