import { close, closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { FhirError, errorIssue } from '../../fhir/outcome.ts';
import type { AuditRow } from '../../store/audit/auditRow.ts';
import { reasonOf, type Log } from '../../store/postgres/log.ts';
import type { AuditKeys } from '../auditKeys.ts';
import { fitting, rowOf } from '../encode.ts';
import type { AuditRecord } from '../record.ts';
import { FrameBuffer } from './frames.ts';
import { Heartbeat, newFolder, type OwnedFolder } from './owner.ts';
import { RecentRows } from './recentRows.ts';
import { segmentPath } from './segments.ts';

/** A segment is closed when it is so large. */
export const SEGMENT_BYTES_MAX = 8 * 2 ** 20;
/** Seconds after which a client may try again when the journal takes nothing. */
const RETRY_AFTER_S = 5;

const sync = promisify(fdatasync);
const closeFile = promisify(close);

export interface JournalOptions {
  /** Folder of the journals of all processes. */
  root: string;
  /** Whether a record is on the disk before it counts as appended, and not only with the operating system. */
  strict: boolean;
  space: JournalSpace;
  keys: AuditKeys;
  log: Log;
  segmentBytesMax?: number;
}

/** Bytes that journals take and may take. */
export interface JournalSpace {
  usedBytes: number;
  maxBytes: number;
}

/** Rows, and their bytes in the file. */
interface Frames {
  rows: AuditRow[];
  buffer: FrameBuffer;
}

const noFrames = (): Frames => ({ rows: [], buffer: new FrameBuffer() });

/** Called when records wait to be moved. */
export type Written = () => void;

/**
 * The journal of this process: records are in it before answers leave, and in the log a moment later. What is appended in one turn of
 * the event loop, or while a write is under way, goes into one write.
 */
export class Journal {
  /** Of what is in the files, the end. */
  readonly recent = new RecentRows();
  readonly #options: JournalOptions;
  #folder: OwnedFolder;
  #heartbeat: Heartbeat;
  #file: { descriptor: number; path: string; bytes: number } | undefined;
  #next = 0;
  #pending = noFrames();
  /** What was written last: its memory is used again. */
  #spare: Frames | undefined;
  #group: PromiseWithResolvers<void> | undefined;
  #writing: Promise<void> | undefined;
  #scheduled = false;
  #onWritten: Written = () => undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#folder = newFolder(options.root);
    this.#heartbeat = new Heartbeat(this.#folder.path);
  }

  get folder(): OwnedFolder {
    return this.#folder;
  }

  /** The segment that is written to, and how many of its bytes are whole records. */
  get current(): { path: string; bytes: number } | undefined {
    return this.#file;
  }

  onWritten(written: Written): void {
    this.#onWritten = written;
  }

  /**
   * Resolves when the record is with the operating system (strict: on the disk).
   * @throws FhirError busy when the journal is full or cannot be written: the request must not be answered otherwise
   */
  append(record: AuditRecord): Promise<void> {
    const { keys, space } = this.#options;
    const { rows, buffer } = this.#pending;
    const added = fitting(record).map((one) => rowOf(one, keys));
    if (!buffer.add(added, space.maxBytes - space.usedBytes)) return Promise.reject(journalFull());
    rows.push(...added);
    this.#group ??= Promise.withResolvers();
    this.#schedule();
    return this.#group.promise;
  }

  /** Says that this process is alive; where another has taken the journal over, begins a new one. */
  beat(): void {
    if (!this.#heartbeat.beat()) this.#startAnew();
  }

  /** Writes what is pending and closes. */
  async close(): Promise<void> {
    while (this.#group !== undefined || this.#writing !== undefined) {
      await this.#group?.promise.catch(() => undefined); // told to whoever appended
      await this.#writing;
    }
    if (this.#file) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#writing = this.#flush().finally(() => {
        this.#writing = undefined;
        if (this.#pending.rows.length > 0) this.#schedule();
      });
    });
  }

  async #flush(): Promise<void> {
    const frames = this.#pending;
    const group = this.#group!;
    this.#pending = this.#spare ?? noFrames();
    this.#spare = undefined;
    this.#group = undefined;
    const { bytes } = frames.buffer;
    this.#options.space.usedBytes += bytes.length; // at once: what is appended meanwhile must see it
    try {
      await this.#write(bytes);
    } catch (error) {
      this.#options.space.usedBytes -= bytes.length;
      this.#options.log('error', `the audit journal cannot be written: ${reasonOf(error)}`);
      return group.reject(journalBroken());
    }
    this.recent.add(this.#next, frames.rows);
    this.#next += frames.rows.length;
    group.resolve();
    frames.rows = [];
    frames.buffer.clear();
    this.#spare = frames;
    this.#onWritten();
  }

  async #write(bytes: Buffer): Promise<void> {
    if (!this.#heartbeat.beatIfDoubtful()) this.#startAnew();
    const { segmentBytesMax = SEGMENT_BYTES_MAX, strict } = this.#options;
    if (this.#file && this.#file.bytes >= segmentBytesMax) await this.#closeSegment();
    const file = (this.#file ??= this.#openSegment());
    try {
      // At once: the operating system copies this in 3 microseconds, and to have another thread ask for it takes 80.
      for (let done = 0; done < bytes.length;)
        done += writeSync(file.descriptor, bytes, done, bytes.length - done, file.bytes + done);
      if (strict) await sync(file.descriptor);
    } catch (error) {
      this.#dropTail(file);
      throw error;
    }
    file.bytes += bytes.length;
  }

  /** Nobody was told that the records are kept: they must not come back as if they were, nor be in front of others. */
  #dropTail(file: { descriptor: number; bytes: number }): void {
    try {
      ftruncateSync(file.descriptor, file.bytes);
    } catch {
      closeSync(file.descriptor); // the tail stays, and is passed over as torn: the next segment begins with the same number
      this.#file = undefined;
    }
  }

  #openSegment(): { descriptor: number; path: string; bytes: number } {
    const path = segmentPath(this.#folder.path, this.#next);
    const descriptor = openSync(path, 'w', 0o600);
    if (this.#options.strict) syncFolder(this.#folder.path);
    return { descriptor, path, bytes: 0 };
  }

  async #closeSegment(): Promise<void> {
    const { descriptor } = this.#file!;
    this.#file = undefined;
    await closeFile(descriptor);
  }

  #startAnew(): void {
    this.#options.log('warn', 'another process took the audit journal of this one, which did not move');
    if (this.#file) closeSync(this.#file.descriptor);
    this.#file = undefined;
    this.#next = 0;
    this.recent.clear();
    this.#folder = newFolder(this.#options.root);
    this.#heartbeat = new Heartbeat(this.#folder.path);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const journalFull = (): FhirError =>
  new FhirError(
    'busy',
    [
      errorIssue(
        'transient',
        'The audit log cannot take more until the database is back: nothing is answered without a record of it. Try again.',
      ),
    ],
    RETRY_AFTER_S,
  );

const journalBroken = (): FhirError =>
  new FhirError(
    'busy',
    [
      errorIssue(
        'transient',
        'The audit log cannot be written: nothing is answered without a record of it. Try again.',
      ),
    ],
    RETRY_AFTER_S,
  );
