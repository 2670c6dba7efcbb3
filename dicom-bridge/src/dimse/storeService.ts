import { isUid } from '../identifiers/uid.ts';
import type { Ledger, ReceivedObject } from '../ledger/ledger.ts';
import { reasonOf } from '../log/reason.ts';
import { ObjectError } from '../objects/objectHeader.ts';
import type { FileMeta } from '../objects/fileMeta.ts';
import type { Incoming } from '../spool/incoming.ts';
import { ReceivedHeaders } from '../spool/receivedHeaders.ts';
import { SpoolFullError, type Spool } from '../spool/spool.ts';
import { Turns } from '../spool/turns.ts';
import type { Burst } from '../upload/burst.ts';

/** Statuses of C-STORE (PS3.4 section B.2.3, PS3.7 annex C). */
export const STORE_STATUS = {
  success: 0x0000,
  /** Another object is known under the UID. */
  duplicateInstance: 0x0111,
  processingFailure: 0x0110,
  /** The presentation context is not for objects of the class. */
  sopClassNotSupported: 0x0122,
  /** The peer may ask for other things only. */
  notAuthorized: 0x0124,
  outOfResources: 0xa700,
  /** What the message says of the object is not what the object says. */
  mismatch: 0xa900,
  cannotUnderstand: 0xc000,
} as const;
export type StoreStatus = (typeof STORE_STATUS)[keyof typeof STORE_STATUS];

export interface StoreParts {
  spool: Spool;
  ledger: Ledger;
  /** Told of what was not stored, and why; without content. */
  log: (event: string, details: Record<string, unknown>) => void;
  /** An object is in the spool. */
  onReceived: () => void;
  /** Told of each object; absent: nobody has to wait for them. */
  burst?: Pick<Burst, 'began' | 'ended'>;
}

/** What is said of an object before it comes. */
export interface AnnouncedObject extends FileMeta {
  /** Of which it must be; absent: of any. */
  studyInstanceUid?: string;
  /** Why it is not taken, whatever it is. */
  refusal?: StoreRefusal;
}

/** Its sender may not send any, or not as what it says. */
export type StoreRefusal = 'notAuthorized' | 'sopClassNotSupported';

const REFUSALS: Readonly<Record<StoreRefusal, string>> = {
  notAuthorized: 'The peer may not send objects.',
  sopClassNotSupported: 'The presentation context is not for objects of this SOP class.',
};

/** Receives objects: an object that was answered Success is in the spool and noted in the ledger, or was there before. */
export class StoreService {
  readonly #parts: StoreParts;
  readonly #metas = new WeakMap<Incoming, AnnouncedObject>();
  /** Objects that are not answered yet. */
  readonly #coming = new Set<Incoming>();
  /** Of objects with the same UID. */
  readonly #turns = new Turns();
  readonly #headers = new ReceivedHeaders();
  /** Objects whose end has come, and which are not answered yet. */
  readonly #finishing = new Set<Promise<StoreStatus>>();

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** Takes the data set of a C-STORE as it comes. */
  begin(meta: AnnouncedObject): Incoming {
    const { sopClassUid, sopInstanceUid, transferSyntaxUid, refusal } = meta;
    const isValid = [sopClassUid, sopInstanceUid, transferSyntaxUid].every(isUid);
    const incoming = this.#parts.spool.receive(isValid && !refusal ? meta : undefined);
    this.#metas.set(incoming, meta);
    this.#coming.add(incoming);
    this.#parts.burst?.began();
    return incoming;
  }

  /** Waits until it is safe. It never rejects: what went wrong is a status. */
  async finish(incoming: Incoming): Promise<StoreStatus> {
    const finishing = this.#finish(incoming);
    this.#finishing.add(finishing);
    return finishing.finally(() => {
      this.#finishing.delete(finishing);
      this.#ended(incoming);
    });
  }

  /** Does something while no object with a UID is being kept. */
  alone(sopInstanceUid: string, work: () => Promise<void>): Promise<void> {
    return this.#turns.take(sopInstanceUid, work);
  }

  /** Ends when all that had come to its end is safe. */
  async settled(): Promise<void> {
    await Promise.all(this.#finishing);
  }

  async #finish(incoming: Incoming): Promise<StoreStatus> {
    const meta = this.#metas.get(incoming)!;
    try {
      return await this.#keep(incoming, meta);
    } catch (error) {
      const status = statusOf(error);
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#parts.log('object not stored', { peer: meta.sourceAeTitle, status: status.toString(16), reason });
      await this.abandon(incoming);
      return status;
    }
  }

  /** Forgets what was not received to its end. It never rejects: nobody waits for it, and what stays in the spool is in no ledger. */
  async abandon(incoming: Incoming): Promise<void> {
    this.#ended(incoming);
    await incoming.close();
    const { spool, log } = this.#parts;
    await spool
      .drop(incoming)
      .catch((error: unknown) => log('object not dropped', { reason: reasonOf(error) }));
  }

  #ended(incoming: Incoming): void {
    if (this.#coming.delete(incoming)) this.#parts.burst?.ended(incoming.bytes);
  }

  async #keep(incoming: Incoming, meta: AnnouncedObject): Promise<StoreStatus> {
    if (meta.refusal) throw new RefusedError(meta.refusal);
    const { sha256, bytes } = await incoming.received();
    const header = await this.#headers.read(incoming.source, meta.transferSyntaxUid);
    if (header.sopInstanceUid !== meta.sopInstanceUid || header.sopClassUid !== meta.sopClassUid) {
      throw new MismatchError('The message names another object than it carries.');
    }
    if (meta.studyInstanceUid !== undefined && header.studyInstanceUid !== meta.studyInstanceUid)
      throw new MismatchError('The object is of another study than the message says.');
    const { transferSyntaxUid, sourceAeTitle } = meta;
    const object = { ...header, sha256, bytes, transferSyntaxUid, sourceAeTitle };
    return this.#turns.take(meta.sopInstanceUid, () => this.#note(incoming, object));
  }

  /** What is known is not kept again: its file may be the one that was answered. */
  async #note(incoming: Incoming, object: Omit<ReceivedObject, 'file'>): Promise<StoreStatus> {
    const { spool, ledger, onReceived } = this.#parts;
    const { sopInstanceUid, sha256 } = object;
    const known = ledger.noveltyOf(object);
    if (known === 'known' || known === 'known-conflict') await this.abandon(incoming);
    else {
      const file = await spool.keep(incoming, sopInstanceUid, sha256);
      ledger.note({ ...object, file }, Date.now());
      if (known === 'new') onReceived();
    }
    return known === 'known' || known === 'new' ? STORE_STATUS.success : this.#conflict(object);
  }

  /** It is kept, for somebody to look at; the sender is to know that it does not replace what is there. */
  #conflict({ sourceAeTitle }: Pick<FileMeta, 'sourceAeTitle'>): StoreStatus {
    this.#parts.log('object conflicts with another of its UID', { peer: sourceAeTitle });
    return STORE_STATUS.duplicateInstance;
  }
}

/** What the message says of an object is not what the object says. */
class MismatchError extends Error {
  override readonly name = 'MismatchError';
}

/** It is not taken, whatever it is. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refusal: StoreRefusal;

  constructor(refusal: StoreRefusal) {
    super(REFUSALS[refusal]);
    this.refusal = refusal;
  }
}

/** Errors of a full disk, of a quota, and of too many open files. */
const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

function statusOf(error: unknown): StoreStatus {
  if (error instanceof SpoolFullError || NO_ROOM.has((error as { code?: unknown }).code))
    return STORE_STATUS.outOfResources;
  if (error instanceof RefusedError) return STORE_STATUS[error.refusal];
  if (error instanceof MismatchError) return STORE_STATUS.mismatch;
  if (error instanceof ObjectError) return STORE_STATUS.cannotUnderstand;
  return STORE_STATUS.processingFailure;
}
