import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { dataSetHash } from '../objects/dataSetHash.ts';
import { encodeFileMeta, type FileMeta } from '../objects/fileMeta.ts';
import { ObjectError } from '../objects/objectHeader.ts';
import { FolderSync } from './folderSync.ts';
import { Incoming } from './incoming.ts';

const PART = '.part';
const OBJECT = '.dcm';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Of the hash of its data set, what is part of a name. */
const NAME_HASH_CHARS = 16;
const NAME = /^[0-9.]{1,64}\.([0-9a-f]{16})\.dcm$/;
/** The disk is asked for its room so often: what is too much for it is refused by itself. */
const ROOM_KNOWN_MS = 250;

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
 * Objects that were received and are not in the archive yet: DICOM files in one folder. One that was answered is whole and safe from a power loss;
 * what is being received is a `.part` beside it.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #sync: FolderSync;
  /** Until then the disk is known to have room. */
  #roomUntilMs = 0;

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
      return { handle: await open(file, 'wx+', FILE_MODE), head: encodeFileMeta(meta) };
    });
  }

  /**
   * Keeps what was received: when it returns, the object survives a power loss. Nothing that was answered may be there under the same UID with the
   * same content: it would be replaced before this is safe.
   *
   * @returns its name in the spool
   */
  async keep(incoming: Incoming, sopInstanceUid: string, sha256: string): Promise<string> {
    const name = `${sopInstanceUid}.${sha256.slice(0, NAME_HASH_CHARS)}${OBJECT}`;
    // A journal that is written for the bytes has the name too then, and the folder's own sync finds nothing to do: one wait instead of two.
    await rename(incoming.file, this.pathOf(name));
    try {
      await incoming.synced();
      await this.#sync.sync();
    } catch (error) {
      await this.remove(name); // it is answered with a failure
      throw error;
    }
    void incoming.close();
    return name;
  }

  /** Whether a file has the bytes that its name says: after a power loss, one that was never answered may have a part of them. */
  async isWhole(name: string): Promise<boolean> {
    const [, hash] = NAME.exec(name) ?? [];
    if (hash === undefined) return true; // not ours
    try {
      return (await dataSetHash(createReadStream(this.pathOf(name)))).startsWith(hash);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  /** Makes what is there survive a power loss. */
  async secure(name: string): Promise<void> {
    const handle = await open(this.pathOf(name));
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await this.#sync.sync();
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

  /** Nothing when it is not there. When it returns, no power loss brings it back. */
  async removeForGood(name: string): Promise<void> {
    await this.remove(name);
    await this.#sync.sync();
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
    if (performance.now() < this.#roomUntilMs) return;
    if ((await this.freeBytes()) < this.freeBytesMin)
      throw new SpoolFullError('The disk of the spool is nearly full.');
    this.#roomUntilMs = performance.now() + ROOM_KNOWN_MS;
  }
}
