import type { ObjectFiles } from '../archive/objectFiles.ts';
import { findFrames, type FrameIndex } from '../frames/frames.ts';
import { FileSource } from '../stored/byteSource.ts';
import { readStoredObject, type StoredObject } from '../stored/storedObject.ts';

/** An object that is open, and where its frames are. */
export interface OpenObject extends StoredObject {
  /** Undefined where it has no pixels. @throws ObjectError */
  frames(): Promise<FrameIndex | undefined>;
}

/** Of so many objects it is remembered where their frames are: to find those of thousands takes as many reads. */
const REMEMBERED_MAX = 64;

/** Opens objects of the archive for as long as they are read. */
export class ObjectReader {
  readonly #files: ObjectFiles;
  readonly #frames = new Map<string, FrameIndex>();

  constructor(files: ObjectFiles) {
    this.#files = files;
  }

  /**
   * Has an object read, and closes it afterwards.
   *
   * @returns undefined where there is no such object
   * @throws ObjectError, ArchiveAwayError, what `read` throws
   */
  async with<T>(sopInstanceUid: string, read: (object: OpenObject) => Promise<T>): Promise<T | undefined> {
    const handle = await this.#files.open(sopInstanceUid);
    if (!handle) return undefined;
    try {
      const { ino, size, mtimeMs } = await handle.stat();
      const object = await readStoredObject(new FileSource(handle, size));
      const version = `${sopInstanceUid} ${ino} ${size} ${mtimeMs}`;
      return await read({ ...object, frames: () => this.#framesOf(object, version) });
    } finally {
      await handle.close();
    }
  }

  async #framesOf(object: StoredObject, version: string): Promise<FrameIndex | undefined> {
    const known = this.#frames.get(version);
    const frames = known ?? (await findFrames(object));
    if (!frames) return undefined;
    this.#frames.delete(version);
    this.#frames.set(version, frames);
    const [oldest] = this.#frames.keys();
    if (this.#frames.size > REMEMBERED_MAX && oldest !== undefined) this.#frames.delete(oldest);
    return frames;
  }
}
