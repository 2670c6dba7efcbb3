import { crc32 } from 'node:zlib';
import type { AuditRow } from '../../store/audit/auditRow.ts';

/** Length and checksum of a body, 4 bytes each. */
const HEADER_BYTES = 8;
/** Longest body; more is a damaged header. A record's texts are limited (encode.ts). */
export const BODY_BYTES_MAX = 2 ** 20;
const BODY = /^(\d+) (\d+) (\d+) (\{.*\})$/s;

/** A row as it stands in a journal. */
export type JournalRow = Omit<AuditRow, 'keys' | 'version'>;

/** The bytes of a row in a journal: length, checksum, and a text. */
export function frameOf({ recordedMs, kind, outcome, payload }: JournalRow): Buffer {
  if (!Number.isSafeInteger(recordedMs) || recordedMs < 0)
    throw new Error(`a record of the audit log has the time ${recordedMs}`);
  const text = `${recordedMs} ${kind} ${outcome} ${payload}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > BODY_BYTES_MAX) throw new Error(`a record of the audit log has ${bytes} bytes`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  frame.writeUInt32LE(bytes, 0);
  frame.write(text, HEADER_BYTES);
  frame.writeUInt32LE(crc32(frame.subarray(HEADER_BYTES)), 4);
  return frame;
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
