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
    if (stats.isDirectory()) return await listFolder(name);
    return [{ path: name, sizeBytes: stats.size, changedMs: stats.mtimeMs, named: true }];
  } catch (error) {
    return [{ name, error }];
  }
}

async function listFolder(folder: string): Promise<DiskFile[]> {
  const found: string[] = [];
  for await (const entry of await opendir(folder, { recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && kindOf(file) !== undefined) found.push(file);
  }
  const files = found.sort().map(async (file) => {
    const { size, mtimeMs } = await stat(file);
    return { path: file, sizeBytes: size, changedMs: mtimeMs, named: false };
  });
  return Promise.all(files);
}

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
    throw new Error('The name must end in .json, .ndjson, .jsonl, .tar or .tgz, or in one of these and .gz.');
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
