import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { BeginningSource, FileSource, type ByteSource } from '../stored/byteSource.ts';

/** What was received of an object. */
export interface Received {
  /** Of the data set, hexadecimal. */
  sha256: string;
  /** Of the file. */
  bytes: number;
}

/** A file that is to be written, and read again. */
export interface OpenPart {
  handle: FileHandle;
  /** What begins it, that is not part of the data set. */
  head: Buffer;
}

/** As much is gathered before whoever sends is held back. */
const GATHERED_BYTES_MAX = 1024 * 1024;
/** As much is gathered before it is written: each write costs more than its bytes. */
const WRITTEN_BYTES_MIN = 256 * 1024;
/** Of a file, what stays in memory until it is kept: what tells of an object stands in it, mostly. */
const BEGINNING_BYTES = 128 * 1024;

/**
 * Takes the data set of an object into a file. It never fails itself: the DICOM library would end the whole process by an error that nobody
 * listens to. What went wrong is told by {@link received}, and what still comes is dropped. Whoever sends is to be held back from `full` to `drain`.
 * Its file stays open until {@link close}.
 */
export class Incoming extends Writable {
  readonly file: string;
  readonly #open: () => Promise<OpenPart>;
  readonly #hash = createHash('sha256');
  readonly #ended = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #beginning: Buffer[] = [];
  #handle: FileHandle | undefined;
  #head: Buffer | undefined;
  #bytes = 0;
  #fault: unknown;

  /** @param open makes the file; what it rejects with is told by {@link received} */
  constructor(file: string, open: () => Promise<OpenPart>) {
    super({ highWaterMark: GATHERED_BYTES_MAX, autoDestroy: false });
    this.file = file;
    this.#open = open;
    this.on('error', () => undefined); // told by received()
    this.cork();
    this.once('finish', () => this.#ended.resolve());
    this.once('close', () => {
      this.#ended.resolve();
      this.#closed.resolve();
    });
  }

  /**
   * Waits for the end of the data set, and until the file has it; it is not safe from a power loss then.
   * @throws what kept it from being written, or RangeError when it was broken off
   */
  async received(): Promise<Received> {
    await this.#ended.promise;
    if (this.#fault !== undefined) throw this.#fault;
    if (!this.writableFinished) throw new RangeError('The object was broken off.');
    return { sha256: this.#hash.copy().digest('hex'), bytes: this.#bytes };
  }

  /** Of the file, so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The file, when it was received. */
  get source(): ByteSource {
    return new BeginningSource(Buffer.concat(this.#beginning), new FileSource(this.#handle!, this.#bytes));
  }

  /** Waits until what was received is safe from a power loss, under whatever name. */
  async synced(): Promise<void> {
    await this.#handle!.datasync();
  }

  /** Closes the file, and breaks off what has not come to its end. It never rejects. */
  async close(): Promise<void> {
    this.destroy();
    await this.#closed.promise;
  }

  /** Always true: where it is not, the library waits, and meanwhile writes what comes next out of turn. */
  override write(chunk: Buffer): boolean {
    const isFull = !super.write(chunk);
    if (this.writableLength >= WRITTEN_BYTES_MIN) this.uncork(); // as often as it is corked
    if (isFull) this.emit('full');
    else if (!this.writableNeedDrain && this.writableCorked === 0) this.cork();
    return true;
  }

  override _construct(done: () => void): void {
    this.#open().then(
      ({ handle, head }) => {
        [this.#handle, this.#head] = [handle, head];
        done();
      },
      (error: unknown) => {
        this.#fault = error;
        done();
      },
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    void this.#append([chunk]).then(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    void this.#append(chunks.map(({ chunk }) => chunk)).then(done);
  }

  override _destroy(_error: Error | null, done: () => void): void {
    const close = this.#handle?.close() ?? Promise.resolve();
    void close.catch((error: unknown) => (this.#fault ??= error)).then(() => done());
  }

  async #append(chunks: Buffer[]): Promise<void> {
    if (this.#fault !== undefined || !this.#handle) return;
    for (const chunk of chunks) this.#hash.update(chunk);
    const all = this.#head ? [this.#head, ...chunks] : chunks;
    this.#head = undefined;
    try {
      await this.#appendBytes(this.#handle, all);
    } catch (error) {
      this.#fault = error;
    }
  }

  async #appendBytes(handle: FileHandle, chunks: Buffer[]): Promise<void> {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const { bytesWritten } = await handle.writev(chunks);
    if (bytesWritten < bytes)
      throw Object.assign(new Error('The disk took only a part.'), { code: 'ENOSPC' });
    for (const chunk of chunks) {
      if (this.#bytes < BEGINNING_BYTES) this.#beginning.push(chunk);
      this.#bytes += chunk.length;
    }
  }
}
