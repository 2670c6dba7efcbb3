import { closeSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { readFrames, type JournalRow } from './frames.ts';
import { segmentsIn, type Segment } from './segments.ts';

/** Rows of a journal in their order. */
export interface JournalBatch {
  /** Number of the first row (or of the first that is lost), and of the first behind the batch. */
  from: number;
  to: number;
  rows: JournalRow[];
  /** Records that were in the journal once and cannot be read. */
  lost: number;
  /** Bytes at the end of a segment that are no whole record: a write that was interrupted, and was not acknowledged. */
  tornBytes: number;
}

/** What a reader must not read beyond: the segment that is being written, and its whole records. */
export type Current = () => { path: string; bytes: number } | undefined;

const NO_CURRENT: Current = () => undefined;

/** Reads a journal from a position on. */
export class JournalReader {
  readonly #folder: string;
  readonly #current: Current;
  /** Number of the next row. */
  #number: number;
  #segment: Segment | undefined;
  /** The rest of the segment, as far as it was read. */
  #bytes: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #offset = 0;

  /**
   * @param position number of the first row to read; those before are in the log
   * @param current of a journal that is being written
   */
  constructor(folder: string, position: number, current: Current = NO_CURRENT) {
    this.#folder = folder;
    this.#number = position;
    this.#current = current;
  }

  /** The next rows, at the most so many; undefined when there are none (yet). */
  next(rowsMax: number): JournalBatch | undefined {
    const from = this.#number;
    const batch: JournalBatch = { from, to: from, rows: [], lost: 0, tornBytes: 0 };
    while (batch.rows.length < rowsMax) {
      if (this.#segment === undefined && !this.#begin(batch)) break;
      this.#take(batch, rowsMax - batch.rows.length);
      if (batch.rows.length < rowsMax && !this.#end(batch)) break;
    }
    batch.to = this.#number;
    return batch.to > batch.from || batch.tornBytes > 0 ? batch : undefined;
  }

  /** Opens the segment that has the next row. @returns false when it is not there yet */
  #begin(batch: JournalBatch): boolean {
    const all = segmentsIn(this.#folder);
    const before = all.findLast(({ first }) => first <= this.#number);
    const segment = before ?? all[0];
    if (segment === undefined) return false;
    this.#open(segment);
    if (segment.first > this.#number) this.#lose(batch, segment.first);
    const skipped = readFrames(this.#bytes, this.#number - segment.first);
    this.#bytes = this.#bytes.subarray(skipped.bytes);
    return true;
  }

  #open(segment: Segment): void {
    this.#segment = segment;
    this.#bytes = wholeBytes(segment.path, this.#current());
    this.#offset = this.#bytes.length;
  }

  #take(batch: JournalBatch, rowsMax: number): void {
    this.#grow();
    const { rows, bytes } = readFrames(this.#bytes, rowsMax);
    this.#bytes = this.#bytes.subarray(bytes);
    this.#number += rows.length;
    for (const row of rows) {
      if (row === undefined) batch.lost += 1;
      else batch.rows.push(row);
    }
  }

  /** What has been written to the segment meanwhile. */
  #grow(): void {
    const { path } = this.#segment!;
    const current = this.#current();
    const size = current?.path === path ? current.bytes : statSync(path).size;
    if (size <= this.#offset) return;
    const added = bytesBetween(path, this.#offset, size);
    this.#bytes = Buffer.concat([this.#bytes, added]);
    this.#offset += added.length;
  }

  /** Goes on with the following segment. @returns false when there is none */
  #end(batch: JournalBatch): boolean {
    const { path, first } = this.#segment!;
    if (this.#current()?.path === path) return false;
    const following = segmentsIn(this.#folder).find((one) => one.first > first);
    if (following !== undefined && following.first < this.#number)
      throw new Error(`the segments of the audit journal ${this.#folder} overlap`);
    this.#grow(); // it was closed since
    if (readFrames(this.#bytes, 1).rows.length > 0) return true;
    batch.tornBytes += this.#bytes.length;
    this.#bytes = Buffer.alloc(0);
    if (following === undefined) return false;
    if (following.first > this.#number) this.#lose(batch, following.first);
    this.#open(following);
    return true;
  }

  #lose(batch: JournalBatch, upTo: number): void {
    batch.lost += upTo - this.#number;
    this.#number = upTo;
  }
}

function wholeBytes(path: string, current: { path: string; bytes: number } | undefined): Buffer {
  const bytes = readFileSync(path);
  return current?.path === path ? bytes.subarray(0, current.bytes) : bytes;
}

/** Of a file that only grows. */
function bytesBetween(path: string, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe(to - from);
  const descriptor = openSync(path, 'r');
  try {
    let done = 0;
    for (let read = 1; read > 0 && done < bytes.length; done += read)
      read = readSync(descriptor, bytes, done, bytes.length - done, from + done);
    return bytes.subarray(0, done);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes segments all of whose rows are before a position. */
export function removeMoved(folder: string, position: number, current: Current = NO_CURRENT): void {
  const segments = segmentsIn(folder);
  segments.forEach((segment, i) => {
    const following = segments[i + 1];
    if (following === undefined || following.first > position || segment.path === current()?.path) return;
    rmSync(segment.path);
  });
}
