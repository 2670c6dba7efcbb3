import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { encodeFileMeta, type FileMeta } from '../objects/fileMeta.ts';
import { ObjectError } from '../objects/objectHeader.ts';
import { FolderSync } from './folderSync.ts';
import { Incoming } from './incoming.ts';

const PART = '.part';
const OBJECT = '.dcm';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** There is too little room for further objects. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
}

export interface SpoolOptions {
  folder: string;
  /** What must be free on its disk for anything to be taken. */
  freeBytesMin: number;
}

/**
 * Objects that were received and are not in the archive yet: DICOM files in one folder. One that is there is whole and safe from a power loss;
 * what is being received is a `.part` beside it.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #sync: FolderSync;

  private constructor(options: SpoolOptions, folder: FileHandle) {
    this.#options = options;
    this.#sync = new FolderSync(folder);
  }

  /** Opens the folder, makes it if need be, and removes what was broken off. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const { folder } = options;
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    for (const name of await readdir(folder)) if (name.endsWith(PART)) await rm(path.join(folder, name));
    return new Spool(options, await open(folder));
  }

  async close(): Promise<void> {
    await this.#sync.close();
  }

  /**
   * Begins to receive an object; what keeps it from being written is told at its end: SpoolFullError, ObjectError, errors of the file system.
   *
   * @param meta absent: the object is refused, after it was read to its end
   */
  receive(meta: FileMeta | undefined): Incoming {
    const file = path.join(this.#options.folder, `${randomUUID()}${PART}`);
    return new Incoming(file, async () => {
      if (!meta) throw new ObjectError('The message has no valid UIDs.');
      await this.#requireRoom();
      const handle = await open(file, 'wx', FILE_MODE);
      try {
        const head = encodeFileMeta(meta);
        await handle.write(head);
        return { handle, bytes: head.length };
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /**
   * Keeps what was received: when it returns, the object survives a power loss. The same content under the same UID is the same file.
   *
   * @returns its name in the spool
   */
  async keep({ file }: Incoming, sopInstanceUid: string, sha256: string): Promise<string> {
    const name = `${sopInstanceUid}.${sha256.slice(0, 16)}${OBJECT}`;
    await rename(file, this.pathOf(name));
    await this.#sync.sync();
    return name;
  }

  /** Forgets what was received. */
  async drop({ file }: Incoming): Promise<void> {
    await rm(file, { force: true });
  }

  /** Names of the objects. */
  async names(): Promise<string[]> {
    return (await readdir(this.#options.folder)).filter((name) => name.endsWith(OBJECT));
  }

  pathOf(name: string): string {
    return path.join(this.#options.folder, name);
  }

  /** Nothing when it is not there. */
  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  /** What must be free for anything to be taken. */
  get freeBytesMin(): number {
    return this.#options.freeBytesMin;
  }

  /** On its disk. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#options.folder);
    return bavail * bsize;
  }

  async #requireRoom(): Promise<void> {
    if ((await this.freeBytes()) < this.freeBytesMin)
      throw new SpoolFullError('The disk of the spool is nearly full.');
  }
}
