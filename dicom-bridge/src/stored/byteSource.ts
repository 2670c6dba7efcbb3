import type { FileHandle } from 'node:fs/promises';
import { ObjectError } from '../objects/objectError.ts';

/** Bytes that are read in pieces, so that an object of 100 MB is never in memory as a whole. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** @throws ObjectError where they are not all there */
  read(at: number, lengthBytes: number): Promise<Buffer>;
}

/** A file. It stays open as long as its handle, which its opener closes. */
export class FileSource implements ByteSource {
  readonly sizeBytes: number;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
  }

  static async of(handle: FileHandle): Promise<FileSource> {
    return new FileSource(handle, (await handle.stat()).size);
  }

  async read(at: number, lengthBytes: number): Promise<Buffer> {
    requireWithin(this.sizeBytes, at, lengthBytes);
    const bytes = Buffer.allocUnsafe(lengthBytes);
    let done = 0;
    while (done < lengthBytes) {
      const { bytesRead } = await this.#handle.read(bytes, done, lengthBytes - done, at + done);
      if (bytesRead === 0) throw cutOff();
      done += bytesRead;
    }
    return bytes;
  }
}

/** Bytes in memory. */
export class MemorySource implements ByteSource {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  read(at: number, lengthBytes: number): Promise<Buffer> {
    requireWithin(this.sizeBytes, at, lengthBytes);
    return Promise.resolve(this.#bytes.subarray(at, at + lengthBytes));
  }
}

/** A source whose beginning is in memory. */
export class BeginningSource implements ByteSource {
  readonly #beginning: Buffer;
  readonly #whole: ByteSource;

  constructor(beginning: Buffer, whole: ByteSource) {
    this.#beginning = beginning;
    this.#whole = whole;
  }

  get sizeBytes(): number {
    return this.#whole.sizeBytes;
  }

  read(at: number, lengthBytes: number): Promise<Buffer> {
    requireWithin(this.sizeBytes, at, lengthBytes);
    const end = at + lengthBytes;
    return end <= this.#beginning.length
      ? Promise.resolve(this.#beginning.subarray(at, end))
      : this.#whole.read(at, lengthBytes);
  }
}

function requireWithin(sizeBytes: number, at: number, lengthBytes: number): void {
  if (at < 0 || lengthBytes < 0 || at + lengthBytes > sizeBytes) throw cutOff();
}

const cutOff = (): ObjectError => new ObjectError('It ends before its values do.');
