import type { ImageArchive } from '../archive/imageArchive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { reasonOf } from '../log/reason.ts';
import { ObjectError, readObjectHeader } from '../objects/objectHeader.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import type { Spool } from '../spool/spool.ts';
import type { ErasedObject, ErasureLedger, PendingErasure } from './erasureLedger.ts';

/** Where objects of the archive are kept a second time. */
export interface ObjectCopies {
  /** Whoever reads it has it to the end; nobody gets it afterwards. */
  forget(sopInstanceUid: string): Promise<void>;
}

export interface StudyErasureParts {
  erasures: ErasureLedger;
  ledger: Pick<Ledger, 'findFile'>;
  spool: Pick<Spool, 'removeForGood' | 'pathOf'>;
  /** Which stores and removes what has one UID one after the other. */
  archive: Pick<ImageArchive, 'remove'>;
  copies: readonly ObjectCopies[];
  /** Does something while no object with a UID is being received to its end. */
  alone: (sopInstanceUid: string, work: () => Promise<void>) => Promise<void>;
  /** Ends when a study is not being recorded as it was before. */
  unrecorded: (studyInstanceUid: string) => Promise<void>;
  /** An object has to be archived. */
  onReceived: () => void;
  log: (event: string, details: Record<string, unknown>) => void;
  times?: BackOffTimes;
}

export const ERASURE_TIMES: BackOffTimes = { firstMs: 1_000, maxMs: 300_000 };

/**
 * Removes what there is of studies: from spool, archive and copies. One study after the other, again and again until it is done, also after a restart. What
 * comes of a study after its erasure was noted is a new object, also under the same UIDs.
 */
export class StudyErasures {
  readonly #parts: StudyErasureParts;
  readonly #times: BackOffTimes;
  #work: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: StudyErasureParts) {
    this.#parts = parts;
    this.#times = parts.times ?? ERASURE_TIMES;
  }

  /**
   * Notes that a study is to be erased, once for each erasure.
   *
   * @param erasure its id
   * @returns how many objects are left to be removed; undefined: it is done
   */
  erase(studyInstanceUid: string, erasure: string): number | undefined {
    const { erasures } = this.#parts;
    if (erasures.begin(studyInstanceUid, erasure, Date.now())) this.wake();
    return erasures.isPending(studyInstanceUid) ? erasures.objects(studyInstanceUid).length : undefined;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isStopped || this.#work) return; // who is at work looks again before it ends
    clearTimeout(this.#timer);
    this.#work = this.#eraseAll().then(
      () => this.#ended(0),
      (error: unknown) => {
        this.#parts.log('study not erased', { reason: reasonOf(error) });
        this.#ended(this.#times.firstMs); // the database took nothing, not even when to try again
      },
    );
  }

  /** Ends when the object that is being removed is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  #ended(pauseMs: number): void {
    this.#work = undefined;
    const nextMs = this.#parts.erasures.nextMs();
    if (this.#isStopped || nextMs === undefined) return;
    this.#timer = setTimeout(() => this.wake(), Math.max(pauseMs, nextMs - Date.now())).unref();
  }

  async #eraseAll(): Promise<void> {
    await Promise.resolve(); // whoever has noted several has them done in their order
    while (!this.#isStopped) {
      const pending = this.#parts.erasures.due(Date.now());
      if (!pending) return;
      await this.#attempt(pending);
    }
  }

  async #attempt({ studyInstanceUid, attempts }: PendingErasure): Promise<void> {
    const { erasures, log } = this.#parts;
    try {
      await this.#eraseStudy(studyInstanceUid);
    } catch (error) {
      const reason = reasonOf(error);
      log('study not erased', { attempts: attempts + 1, reason });
      erasures.postpone(studyInstanceUid, Date.now() + backOffMs(attempts, this.#times), reason);
    }
  }

  async #eraseStudy(studyInstanceUid: string): Promise<void> {
    const { erasures, unrecorded, log } = this.#parts;
    const objects = erasures.objects(studyInstanceUid);
    for (const object of objects) {
      if (this.#isStopped) return;
      await this.#eraseObject(object);
      erasures.objectGone(studyInstanceUid, object);
    }
    await this.#eraseConflicts(studyInstanceUid);
    await unrecorded(studyInstanceUid);
    erasures.done(studyInstanceUid);
    log('study erased', { objects: objects.length });
  }

  async #eraseObject({ sopInstanceUid, file }: ErasedObject): Promise<void> {
    const { erasures, ledger, spool, archive, copies, alone, onReceived } = this.#parts;
    await archive.remove(sopInstanceUid);
    for (const one of copies) await one.forget(sopInstanceUid);
    if (erasures.archiveAgain(sopInstanceUid)) onReceived();
    await alone(sopInstanceUid, async () => {
      if (!ledger.findFile(file)) await spool.removeForGood(file);
    });
  }

  /** Other objects of the study that came under UIDs that were known. */
  async #eraseConflicts(studyInstanceUid: string): Promise<void> {
    const { erasures, spool } = this.#parts;
    for (const conflict of erasures.conflicts()) {
      if ((await studyOf(spool.pathOf(conflict.file))) !== studyInstanceUid) continue;
      await spool.removeForGood(conflict.file);
      erasures.conflictGone(conflict);
    }
  }
}

/** Undefined for a file that is no object, or not there. */
async function studyOf(file: string): Promise<string | undefined> {
  try {
    return (await readObjectHeader(file)).studyInstanceUid;
  } catch (error) {
    if (error instanceof ObjectError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
