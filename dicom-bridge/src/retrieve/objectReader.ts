import type { FileHandle } from 'node:fs/promises';
import type { ObjectFiles } from '../archive/objectFiles.ts';
import type { FrameIndex } from '../frames/frameIndex.ts';
import { findFrames } from '../frames/frames.ts';
import { BeginningSource, FileSource, MemorySource, type ByteSource } from '../stored/byteSource.ts';
import type { Reserve } from '../stored/scanDataSet.ts';
import { readStoredObject, type StoredObject } from '../stored/storedObject.ts';

/** An object that is open, and where its frames are. */
export interface OpenObject extends StoredObject {
  /** Undefined where it has no pixels. @throws ObjectError */
  frames(): Promise<FrameIndex | undefined>;
}

/** Of so many objects it is remembered where their frames are: to find those of thousands takes as many reads. */
const REMEMBERED_MAX = 64;
/** A window of `stored/byteCursor` behind the head of a file. */
const BEGINNING_BYTES = 66 * 1024;

/** Opens objects of the archive for as long as they are read. */
export class ObjectReader {
  readonly #files: ObjectFiles;
  readonly #frames = new Map<string, RememberedFrames>();

  constructor(files: ObjectFiles) {
    this.#files = files;
  }

  /**
   * Has an object read, and closes it afterwards.
   *
   * @param reserve told of the memory that it takes
   * @returns undefined where there is no such object
   * @throws ObjectError, ArchiveAwayError, what `reserve` and `read` throw
   */
  async with<T>(
    sopInstanceUid: string,
    reserve: Reserve,
    read: (object: OpenObject) => Promise<T>,
  ): Promise<T | undefined> {
    const handle = await this.#files.open(sopInstanceUid);
    if (!handle) return undefined;
    try {
      const { ino, size, mtimeMs } = await handle.stat();
      const object = await readStoredObject(await sourceOf(handle, size), reserve);
      const version = `${sopInstanceUid} ${ino} ${size} ${mtimeMs}`;
      return await read({ ...object, frames: () => this.#framesOf(object, version) });
    } finally {
      await handle.close();
    }
  }

  /** The same for who wants nothing but frames: where it is remembered where they are, nothing else is read. */
  async withFrames<T>(
    sopInstanceUid: string,
    reserve: Reserve,
    read: (frames: FrameIndex | undefined, source: ByteSource) => Promise<T>,
  ): Promise<T | undefined> {
    const handle = await this.#files.open(sopInstanceUid);
    if (!handle) return undefined;
    try {
      const { ino, size, mtimeMs } = await handle.stat();
      const version = `${sopInstanceUid} ${ino} ${size} ${mtimeMs}`;
      const known = this.#frames.get(version);
      if (known?.isInFile) return await read(known.frames, new FileSource(handle, size));
      const object = await readStoredObject(await sourceOf(handle, size), reserve);
      return await read(await this.#framesOf(object, version), object.source);
    } finally {
      await handle.close();
    }
  }

  async #framesOf(object: StoredObject, version: string): Promise<FrameIndex | undefined> {
    const known = this.#frames.get(version);
    const frames = known?.frames ?? (await findFrames(object));
    if (!frames) return undefined;
    this.#frames.delete(version);
    this.#frames.set(version, { frames, isInFile: !(object.source instanceof MemorySource) });
    const [oldest] = this.#frames.keys();
    if (this.#frames.size > REMEMBERED_MAX && oldest !== undefined) this.#frames.delete(oldest);
    return frames;
  }
}

/** Where the frames of an object are: in its file, or in what comes of inflating that. */
interface RememberedFrames {
  frames: FrameIndex;
  isInFile: boolean;
}

/** With its beginning in memory: one read instead of three for most objects. */
async function sourceOf(handle: FileHandle, sizeBytes: number): Promise<ByteSource> {
  const file = new FileSource(handle, sizeBytes);
  return new BeginningSource(await file.read(0, Math.min(BEGINNING_BYTES, sizeBytes)), file);
}
