import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file of a journal. */
export interface Segment {
  path: string;
  /** Number of its first record. */
  first: number;
}

const NAME = /^(\d{16})\.audit$/;

export const segmentPath = (folder: string, first: number): string =>
  path.join(folder, `${String(first).padStart(16, '0')}.audit`);

/** The segments of a journal in their order. */
export function segmentsIn(folder: string): Segment[] {
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => ({ path: path.join(folder, name), first: Number(NAME.exec(name)![1]) }));
}

/** Bytes of all segments of a journal. */
export function bytesIn(folder: string): number {
  return segmentsIn(folder).reduce((sum, segment) => sum + statSync(segment.path).size, 0);
}
