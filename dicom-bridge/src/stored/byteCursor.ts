import type { ByteSource } from './byteSource.ts';

/** Read ahead: the elements before the pixels of most images are in one piece of this size. */
const WINDOW_BYTES = 64 * 1024;

/** Reads a source from front to back, in few large pieces, and skips what is not wanted. */
export class ByteCursor {
  readonly #source: ByteSource;
  readonly #isLittleEndian: boolean;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  at: number;

  constructor(source: ByteSource, at: number, isLittleEndian = true) {
    this.#source = source;
    this.at = at;
    this.#isLittleEndian = isLittleEndian;
  }

  get sizeBytes(): number {
    return this.#source.sizeBytes;
  }

  /** Whether so many bytes can be taken without waiting. */
  holds(lengthBytes: number): boolean {
    return this.at >= this.#windowAt && this.at + lengthBytes <= this.#windowAt + this.#window.length;
  }

  /** Sees that they can be taken. @throws ObjectError where the source ends before them */
  async fill(lengthBytes: number): Promise<void> {
    const left = Math.max(0, this.sizeBytes - this.at);
    this.#window = await this.#source.read(this.at, Math.max(lengthBytes, Math.min(WINDOW_BYTES, left)));
    this.#windowAt = this.at;
  }

  /** Bytes that it holds. */
  take(lengthBytes: number): Buffer {
    const from = this.at - this.#windowAt;
    this.at += lengthBytes;
    return this.#window.subarray(from, from + lengthBytes);
  }

  takeUint16(): number {
    const bytes = this.take(2);
    return this.#isLittleEndian ? bytes.readUInt16LE(0) : bytes.readUInt16BE(0);
  }

  takeUint32(): number {
    const bytes = this.take(4);
    return this.#isLittleEndian ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
  }
}
