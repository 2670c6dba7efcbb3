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
  /** Those below it that are there for good: 65,792 at most. */
  readonly #folders = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async store(object: ArchiveObject): Promise<void> {
    const target = this.#pathOf(object.sopInstanceUid);
    const folder = path.dirname(target);
    try {
      await this.#require(folder);
      const how = (await linked(object.path, target)) ?? (await copied(object.path, target));
      if (how === 'there') {
        await this.#requireSame(target, object);
        await synced(target); // whoever wrote it may have been killed before it was safe
      }
      await synced(folder);
    } catch (error) {
      if (error instanceof ArchiveRefusedError) throw error;
      this.#folders.delete(folder);
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

  /** Makes a folder, and the one that it is in. Those that are there may be new as well: each is made safe once. */
  async #require(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const above = path.dirname(folder);
    if (!this.#folders.has(above)) await synced(this.#folder);
    await synced(above);
    this.#folders.add(above).add(folder);
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

/** What came of storing a file: `there` was one already. */
type Stored = 'new' | 'there';

/**
 * Files of the spool never change, and are safe from a power loss: one on the same disk gets a second name instead of a copy. Undefined where that
 * cannot be.
 */
async function linked(source: string, target: string): Promise<Stored | undefined> {
  try {
    await link(source, target);
    return 'new';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'there';
    if (NO_LINKS.has(codeOf(error))) return undefined;
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

async function copied(source: string, target: string): Promise<Stored> {
  if (await exists(target)) return 'there';
  const part = path.join(path.dirname(target), `${randomUUID()}.part`);
  try {
    await copyFile(source, part);
    await synced(part, (handle) => handle.chmod(FILE_MODE));
    await rename(part, target);
    return 'new';
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
