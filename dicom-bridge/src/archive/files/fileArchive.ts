import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { isUid } from '../../identifiers/uid.ts';
import { dataSetHash } from '../../objects/dataSetHash.ts';
import {
  ArchiveAwayError,
  ArchiveRefusedError,
  type ArchiveObject,
  type ImageArchive,
} from '../imageArchive.ts';
import type { ObjectFiles } from '../objectFiles.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * DICOM files in folders of this machine, by the hash of their UID: what the one command starts with. An object that is there is whole, and safe
 * from a power loss.
 */
export class FileArchive implements ImageArchive, ObjectFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async store(object: ArchiveObject): Promise<void> {
    const target = this.#pathOf(object.sopInstanceUid);
    const folder = path.dirname(target);
    try {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      if (!(await exists(target)) && !(await linked(object.path, target))) await copied(object.path, target);
    } catch (error) {
      throw new ArchiveAwayError(`The archive cannot write: ${codeOf(error)}.`, { cause: error });
    }
    await this.#requireSame(target, object);
    try {
      // Also what was there: whoever wrote it may have been killed before it was safe. The folders above may be new as well.
      await synced(target, (handle) => handle.chmod(FILE_MODE));
      for (const one of [folder, path.dirname(folder), this.#folder]) await synced(one);
    } catch (error) {
      throw new ArchiveAwayError(`The archive cannot write: ${codeOf(error)}.`, { cause: error });
    }
  }

  async has(sopInstanceUid: string): Promise<boolean> {
    return exists(this.#pathOf(sopInstanceUid));
  }

  async read(sopInstanceUid: string): Promise<Readable | undefined> {
    const file = this.#pathOf(sopInstanceUid);
    if (!(await exists(file))) return undefined;
    return createReadStream(file);
  }

  async open(sopInstanceUid: string): Promise<FileHandle | undefined> {
    try {
      return await open(this.#pathOf(sopInstanceUid));
    } catch (error) {
      if (error instanceof ArchiveRefusedError) throw error;
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new ArchiveAwayError(`The archive cannot be read: ${codeOf(error)}.`, { cause: error });
    }
  }

  async remove(sopInstanceUid: string): Promise<void> {
    const file = this.#pathOf(sopInstanceUid);
    if (!(await exists(file))) return;
    await unlink(file);
    await synced(path.dirname(file));
  }

  async #requireSame(file: string, { sha256, path: source }: ArchiveObject): Promise<void> {
    if (await isSameFile(file, source)) return;
    if ((await dataSetHash(createReadStream(file))) !== sha256)
      throw new ArchiveRefusedError('The archive has another object under its UID.');
  }

  #pathOf(sopInstanceUid: string): string {
    if (!isUid(sopInstanceUid)) throw new ArchiveRefusedError('The SOP Instance UID is not valid.');
    const hash = createHash('sha256').update(sopInstanceUid).digest('hex');
    return path.join(this.#folder, hash.slice(0, 2), hash.slice(2, 4), `${sopInstanceUid}.dcm`);
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw new ArchiveAwayError(`The archive cannot be read: ${codeOf(error)}.`, { cause: error });
  }
}

/** Files of the spool never change: one on the same disk gets a second name instead of a copy. False where that cannot be. */
async function linked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return true; // somebody else stores it at the same time
    if (NO_LINKS.has(codeOf(error))) return false;
    throw error;
  }
}

/** Another disk, or one that knows no second names. */
const NO_LINKS: ReadonlySet<string> = new Set([
  'EXDEV',
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

async function copied(source: string, target: string): Promise<void> {
  const part = path.join(path.dirname(target), `${randomUUID()}.part`);
  try {
    await copyFile(source, part);
    await synced(part);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(one), stat(other)]);
  return a.dev === b.dev && a.ino === b.ino;
}

/** Brings a file or folder onto the disk. */
async function synced(file: string, before?: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await before?.(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? 'unknown';
