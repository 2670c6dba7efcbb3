import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const LOG_BYTES_MAX = 10 * 1024 * 1024;
const OLD_LOGS_KEPT = 3;
const TAIL_BYTES = 2000;

/** Puts a log that has grown too large aside: postgres.log.1 is the youngest of the old ones. */
export function rotateLog(file: string): void {
  if (!existsSync(file) || statSync(file).size <= LOG_BYTES_MAX) return;
  for (let age = OLD_LOGS_KEPT - 1; age >= 1; age -= 1) {
    if (existsSync(`${file}.${age}`)) renameSync(`${file}.${age}`, `${file}.${age + 1}`);
  }
  renameSync(file, `${file}.1`);
}

/** Size of the log now: what is behind it was written later. */
export function logSize(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** The end of what was written to the log since it had the given size. */
export function logSince(file: string, size: number): string {
  if (!existsSync(file)) return '';
  const descriptor = openSync(file, 'r');
  try {
    const end = fstatSync(descriptor).size;
    const start = Math.max(size, end - TAIL_BYTES);
    const text = Buffer.alloc(Math.max(0, end - start));
    readSync(descriptor, text, 0, text.length, start);
    return text.toString('utf8').trim();
  } finally {
    closeSync(descriptor);
  }
}
