import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArchiveAwayError, ArchiveRefusedError, type ImageArchive } from '../imageArchive.ts';
import type { ObjectFiles } from '../objectFiles.ts';
import { isUid } from '../../identifiers/uid.ts';

export interface ObjectCacheOptions {
  archive: Pick<ImageArchive, 'read'>;
  /** Of the cache alone: it is emptied when the cache is opened. */
  folder: string;
  /** Of all files. */
  bytesMax: number;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** A file may be dropped between the moment it is there and that at which it is opened. */
const ATTEMPTS = 3;

/** Files of objects that are kept elsewhere: those that were asked for last. Each is fetched once, however many ask for it. */
export class ObjectCache implements ObjectFiles {
  readonly #options: ObjectCacheOptions;
  /** Sizes of the files, the one that was used last at the end. */
  readonly #bytes = new Map<string, number>();
  readonly #fetching = new Map<string, Promise<boolean>>();

  private constructor(options: ObjectCacheOptions) {
    this.#options = options;
  }

  static async open(options: ObjectCacheOptions): Promise<ObjectCache> {
    await rm(options.folder, { recursive: true, force: true });
    await mkdir(options.folder, { recursive: true, mode: FOLDER_MODE });
    return new ObjectCache(options);
  }

  async open(sopInstanceUid: string): Promise<FileHandle | undefined> {
    if (!isUid(sopInstanceUid)) throw new ArchiveRefusedError('The SOP Instance UID is not valid.');
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (!(await this.#isThere(sopInstanceUid))) return undefined;
      const handle = await open(this.#pathOf(sopInstanceUid)).catch(() => undefined);
      if (handle) return handle;
      this.#bytes.delete(sopInstanceUid);
    }
    throw new ArchiveAwayError('The cache of the archive cannot keep the object.');
  }

  /** Nobody gets it any more without asking the archive. */
  async forget(sopInstanceUid: string): Promise<void> {
    if (!isUid(sopInstanceUid)) return;
    await this.#fetching.get(sopInstanceUid)?.catch(() => undefined); // told to who asked
    this.#bytes.delete(sopInstanceUid);
    await rm(this.#pathOf(sopInstanceUid), { force: true });
  }

  async #isThere(uid: string): Promise<boolean> {
    const bytes = this.#bytes.get(uid);
    if (bytes !== undefined) {
      this.#bytes.delete(uid);
      this.#bytes.set(uid, bytes);
      return true;
    }
    let fetching = this.#fetching.get(uid);
    if (!fetching) {
      fetching = this.#fetch(uid).finally(() => this.#fetching.delete(uid));
      this.#fetching.set(uid, fetching);
    }
    return fetching;
  }

  async #fetch(uid: string): Promise<boolean> {
    const object = await this.#options.archive.read(uid);
    if (!object) return false;
    const part = path.join(this.#options.folder, `${randomUUID()}.part`);
    try {
      await pipeline(object, this.#limit(), createWriteStream(part, { mode: FILE_MODE }));
      const { size } = await stat(part);
      await this.#makeRoom(size);
      await rename(part, this.#pathOf(uid));
      this.#bytes.set(uid, size);
      return true;
    } catch (error) {
      await rm(part, { force: true });
      if (error instanceof ArchiveRefusedError) throw error;
      throw new ArchiveAwayError('The object cannot be fetched from the archive.', { cause: error });
    }
  }

  /** Ends a stream that is larger than the whole cache. */
  #limit(): Transform {
    const { bytesMax } = this.#options;
    let bytes = 0;
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        if (bytes > bytesMax)
          done(new ArchiveRefusedError('The object is larger than the cache of the archive.'));
        else done(null, chunk);
      },
    });
  }

  /** Whoever reads a file that is dropped has it until it is closed. */
  async #makeRoom(neededBytes: number): Promise<void> {
    let total = [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, neededBytes);
    for (const [uid, bytes] of this.#bytes) {
      if (total <= this.#options.bytesMax) return;
      this.#bytes.delete(uid);
      total -= bytes;
      await rm(this.#pathOf(uid), { force: true });
    }
  }

  #pathOf(uid: string): string {
    return path.join(this.#options.folder, `${uid}.dcm`);
  }
}
