import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BLOCK_BYTES = 512;

export interface ArchivedFile {
  /** Path inside the archive. */
  name: string;
  content: Buffer;
}

/**
 * The path of a file below `SHARED_DIR` (default: `../shared` beside the checkout). When it is not there: an error
 * in CI, elsewhere undefined and a line on the console, so that the tests built on it can be skipped.
 */
export function sharedPath(name: string): string | undefined {
  const file = path.resolve(ROOT, process.env.SHARED_DIR ?? '../shared', name);
  if (existsSync(file)) return file;
  if (process.env.CI === 'true') throw new Error(`The test data ${file} is missing: set SHARED_DIR`);
  console.error(`Skipped: the tests that need ${name} (no such file below SHARED_DIR)`);
  return undefined;
}

/** The regular files of a gzipped tar archive, one after the other. */
export function* archivedFiles(file: string): Generator<ArchivedFile> {
  const tar = gunzipSync(readFileSync(file));
  let longName: string | undefined;
  for (let at = 0; at + BLOCK_BYTES <= tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + BLOCK_BYTES);
    const size = parseInt(text(header, 124, 12), 8);
    const content = tar.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    const kind = text(header, 156, 1);
    if (kind === 'L') longName = text(content, 0, size);
    else if (kind === 'x') longName = /\d+ path=(.*)\n/.exec(content.toString())?.[1];
    else {
      const prefix = text(header, 257, 5) === 'ustar' && header[263] === 0x30 ? text(header, 345, 155) : '';
      const name = longName ?? path.posix.join(prefix, text(header, 0, 100));
      longName = undefined;
      if (kind === '0' || kind === '') yield { name, content };
    }
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
}

function text(buffer: Buffer, start: number, length: number): string {
  const end = buffer.indexOf(0, start);
  return buffer.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length));
}
