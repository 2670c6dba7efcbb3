import { crc32 } from 'node:zlib';
import type { AuditRow } from '../../store/audit/auditRow.ts';

/** Length and checksum of a body, 4 bytes each. */
const HEADER_BYTES = 8;
/** Longest body; more is a damaged header. A record's texts are limited (encode.ts). */
export const BODY_BYTES_MAX = 2 ** 20;
const BODY = /^(\d+) (\d+) (\d+) (\{.*\})$/s;

/** A row as it stands in a journal. */
export type JournalRow = Omit<AuditRow, 'keys' | 'shown' | 'version'>;

/** A text of n UTF-16 units has at most so many times n bytes. */
const UTF8_BYTES_MAX = 3;
const FIRST_BYTES = 16 * 1_024;
/** A buffer that had to grow beyond this is not kept. */
const KEPT_BYTES_MAX = 2 ** 20;

/** Rows as they stand in a journal, one behind the other: of each length, checksum, and a text. */
export class FrameBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Adds all of the rows, or none. @returns false where the whole would be longer than `bytesMax` */
  add(rows: readonly JournalRow[], bytesMax: number): boolean {
    const before = this.#length;
    let isWhole = false;
    try {
      for (const row of rows) this.#add(row);
      isWhole = this.#length <= bytesMax;
    } finally {
      if (!isWhole) this.#length = before;
    }
    return isWhole;
  }

  #add({ recordedMs, kind, outcome, payload }: JournalRow): void {
    if (!Number.isSafeInteger(recordedMs) || recordedMs < 0)
      throw new Error(`a record of the audit log has the time ${recordedMs}`);
    const text = `${recordedMs} ${kind} ${outcome} ${payload}`;
    const at = this.#length;
    const body = at + HEADER_BYTES;
    this.#makeRoom(body + text.length * UTF8_BYTES_MAX);
    const bytes = this.#bytes.write(text, body);
    if (bytes > BODY_BYTES_MAX) throw new Error(`a record of the audit log has ${bytes} bytes`);
    this.#bytes.writeUInt32LE(bytes, at);
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(body, body + bytes)), at + 4);
    this.#length = body + bytes;
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Rows from a part of a journal. A row that is damaged, though others follow it, is undefined. */
export interface Frames {
  rows: (JournalRow | undefined)[];
  /** Bytes that were read; what is behind them is no frame (any more, or not yet whole). */
  bytes: number;
}

/** Reads at the most so many frames. */
export function readFrames(buffer: Buffer, limit: number): Frames {
  const rows: Frames['rows'] = [];
  let at = 0;
  while (rows.length < limit) {
    const end = frameEnd(buffer, at);
    if (end === undefined) break;
    const row = rowAt(buffer, at, end);
    // A damaged one is passed over only where its length leads to a sound one: else its end is not known.
    if (row === undefined && !isSound(buffer, end)) break;
    rows.push(row);
    at = end;
  }
  return { rows, bytes: at };
}

function frameEnd(buffer: Buffer, at: number): number | undefined {
  if (at + HEADER_BYTES > buffer.length) return undefined;
  const bytes = buffer.readUInt32LE(at);
  const end = at + HEADER_BYTES + bytes;
  return bytes === 0 || bytes > BODY_BYTES_MAX || end > buffer.length ? undefined : end;
}

function isSound(buffer: Buffer, at: number): boolean {
  const end = frameEnd(buffer, at);
  return end !== undefined && rowAt(buffer, at, end) !== undefined;
}

function rowAt(buffer: Buffer, at: number, end: number): JournalRow | undefined {
  const body = buffer.subarray(at + HEADER_BYTES, end);
  if (crc32(body) !== buffer.readUInt32LE(at + 4)) return undefined;
  const parts = BODY.exec(body.toString());
  if (parts === null) return undefined;
  const [, recordedMs, kind, outcome, payload] = parts;
  return { recordedMs: Number(recordedMs), kind: Number(kind), outcome: Number(outcome), payload: payload! };
}
