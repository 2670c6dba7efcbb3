import { createHash } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { FhirError, errorIssue, fhirError } from '../../fhir/outcome.ts';
import { makeFolder } from '../makeFolder.ts';

/** A file of an upload that is older than this belongs to no living process any more. */
export const SPOOL_AGE_MAX_MS = 24 * 60 * 60 * 1000;

/** A full disk is not emptied in seconds. */
const RETRY_AFTER_S = 30;
/** Faults of the disk that may pass; the others are defects of the set-up. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO']);

/** An upload on disk, whole and fsynced. */
export interface Spooled {
  file: string;
  bytes: number;
  sha256: string;
}

/**
 * Writes a stream to a new file, hashing it, and fsyncs the file. The file is removed when anything fails.
 * @throws FhirError `too-large` as soon as more than `bytesMax` have come, the source is then closed; `busy`
 * where the disk has no room.
 */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  file: string,
  bytesMax: number,
): Promise<Spooled> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(file, 'wx', 0o600).catch((error: Error) => {
    throw diskFault(error);
  });
  try {
    try {
      for await (const chunk of source) {
        bytes += chunk.byteLength;
        if (bytes > bytesMax) throw tooLarge(bytesMax);
        hash.update(chunk);
        await handle.writeFile(chunk); // at the current position; unlike write() it never writes half a chunk
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(file, { force: true });
    throw diskFault(error);
  }
  return { file, bytes, sha256: hash.digest('hex') };
}

/** Makes the folder of uploads and removes from it what processes that died left there. */
export async function openSpoolFolder(folder: string, nowMs = Date.now()): Promise<void> {
  makeFolder(folder, 0o700);
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const info = await stat(file).catch(unlessMissing);
    if (info?.isFile() && nowMs - info.mtimeMs > SPOOL_AGE_MAX_MS) await rm(file, { force: true });
  }
}

/** Makes the names in a folder durable. Windows cannot fsync folders and does not need it (NTFS journals names). */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** For `.catch`: a file that is gone is `undefined`, any other fault stays one. */
export function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

const tooLarge = (bytesMax: number) =>
  fhirError('too-large', 'too-long', `The content is larger than the limit of ${bytesMax} bytes.`);

/** A fault of the disk that may pass as FhirError `busy`; any other error as it is. */
export function diskFault(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!PASSING.has(code)) return error;
  const issue = errorIssue(
    'transient',
    `The blob storage cannot take or give content now (${code}). Try again later.`,
  );
  const busy = new FhirError('busy', [issue], RETRY_AFTER_S);
  busy.cause = error;
  return busy;
}
