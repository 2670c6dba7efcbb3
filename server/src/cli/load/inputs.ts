import { createReadStream } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readTar } from '../../records/packages/tar.ts';

/** A file that may hold FHIR data, from a folder or out of an archive. */
export interface InputFile {
  /** For the reader: the path, and for archives the name inside. */
  name: string;
  format: 'json' | 'ndjson';
  /** True when the user named it; found ones may turn out not to be FHIR. */
  named: boolean;
  /** To be read to the end before the next file is asked for. */
  chunks: AsyncIterable<Uint8Array>;
}

/** A path that could not be read; the others go on. */
export interface UnreadableInput {
  name: string;
  error: unknown;
}

/** Told how many bytes were read from disk, for the progress bar. */
export type BytesRead = (bytes: number) => void;

/** The files below the given paths, in alphabetical order within folders, with their size on disk. */
export async function listFiles(paths: readonly string[]): Promise<(DiskFile | UnreadableInput)[]> {
  const lists = await Promise.all(paths.map((one) => listPath(one)));
  return lists.flat();
}

export interface DiskFile {
  path: string;
  sizeBytes: number;
  /** When it was last changed, in milliseconds since 1970. */
  changedMs: number;
  named: boolean;
}

async function listPath(name: string): Promise<(DiskFile | UnreadableInput)[]> {
  try {
    const stats = await stat(name);
    if (stats.isDirectory()) {
      const files = await listFolder(name);
      return files.length > 0 ? files : [{ name, error: new Error(`Nothing in it can be loaded. ${NAMES}`) }];
    }
    return [{ path: name, sizeBytes: stats.size, changedMs: stats.mtimeMs, named: true }];
  } catch (error) {
    return [{ name, error }];
  }
}

/** Its files by their names, also behind symbolic links; folders behind links are left alone, since they may lead in circles. */
async function listFolder(folder: string): Promise<(DiskFile | UnreadableInput)[]> {
  const found: string[] = [];
  for await (const entry of await opendir(folder, { recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if ((entry.isFile() || entry.isSymbolicLink()) && kindOf(file) !== undefined) found.push(file);
  }
  const files = await Promise.all(found.sort().map((file) => listFile(file)));
  return files.flat();
}

async function listFile(file: string): Promise<(DiskFile | UnreadableInput)[]> {
  try {
    const stats = await stat(file);
    const { size, mtimeMs } = stats;
    return stats.isFile() ? [{ path: file, sizeBytes: size, changedMs: mtimeMs, named: false }] : [];
  } catch (error) {
    return [{ name: file, error }];
  }
}

const NAMES =
  'The name of a file must end in .json, .ndjson, .jsonl, .tar or .tgz, or in one of these and .gz.';

type Kind = 'json' | 'ndjson' | 'tar';

/** What a file holds by its name, `.gz` aside; undefined when it is none of ours. */
function kindOf(name: string): Kind | undefined {
  const plain = name.toLowerCase().replace(/\.gz$/, '');
  if (plain.endsWith('.json')) return 'json';
  if (/\.(ndjson|jsonl)$/.test(plain)) return 'ndjson';
  return /\.(tar|tgz)$/.test(plain) ? 'tar' : undefined;
}

const isGzip = (name: string): boolean => /\.(gz|tgz)$/i.test(name);

/** Opens a file: itself, or the files of the archive that it is. */
export async function* openFile(file: DiskFile, bytesRead: BytesRead): AsyncGenerator<InputFile, void> {
  const kind = kindOf(file.path);
  if (kind === undefined) {
    throw new Error(NAMES);
  }
  const chunks = counted(createReadStream(file.path), bytesRead);
  yield* unpack({ name: file.path, named: file.named, chunks, kind });
}

interface Packed {
  name: string;
  named: boolean;
  chunks: AsyncIterable<Uint8Array>;
  kind: Kind;
}

async function* unpack({ name, named, chunks, kind }: Packed): AsyncGenerator<InputFile, void> {
  const plain = isGzip(name) ? gunzip(chunks) : chunks;
  if (kind !== 'tar') return yield { name, named, format: kind, chunks: plain };
  for await (const inner of readTar(plain)) {
    const innerKind = kindOf(inner.name);
    if (innerKind === undefined || innerKind === 'tar') continue;
    yield* unpack({ name: `${name}: ${inner.name}`, named: false, chunks: inner.chunks, kind: innerKind });
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  bytesRead: BytesRead,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    bytesRead(chunk.byteLength);
    yield chunk;
  }
}

/** Errors of source and of decompression both end the loop that reads the result. */
function gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(chunks, createGunzip(), () => undefined);
}
