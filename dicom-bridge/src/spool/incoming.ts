import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';

/** What was received of an object. */
export interface Received {
  /** Of the data set, hexadecimal. */
  sha256: string;
  /** Of the file. */
  bytes: number;
}

/** A file that is being written. */
export interface OpenPart {
  handle: FileHandle;
  /** How much stands in it already, that is not part of the data set. */
  bytes: number;
}

/** As much is gathered before whoever sends is held back. */
const GATHERED_BYTES_MAX = 1024 * 1024;

/**
 * Takes the data set of an object into a file. It never fails itself: the DICOM library would end the whole process by an error that nobody
 * listens to. What went wrong is told by {@link received}, and what still comes is dropped. Whoever sends is to be held back from `full` to `drain`.
 */
export class Incoming extends Writable {
  readonly file: string;
  readonly #open: () => Promise<OpenPart>;
  readonly #hash = createHash('sha256');
  readonly #ended = Promise.withResolvers<void>();
  #part: OpenPart | undefined;
  #fault: unknown;

  /** @param open makes the file; what it rejects with is told by {@link received} */
  constructor(file: string, open: () => Promise<OpenPart>) {
    super({ highWaterMark: GATHERED_BYTES_MAX });
    this.file = file;
    this.#open = open;
    this.on('error', () => undefined); // told by received()
    this.once('close', () => this.#ended.resolve());
  }

  /**
   * Waits for the end of the data set, and until the file is on disk.
   * @throws what kept it from being written, or RangeError when it was broken off
   */
  async received(): Promise<Received> {
    await this.#ended.promise;
    if (this.#fault !== undefined) throw this.#fault;
    if (!this.writableFinished) throw new RangeError('The object was broken off.');
    return { sha256: this.#hash.digest('hex'), bytes: this.#part!.bytes };
  }

  /** Always true: where it is not, the library waits, and meanwhile writes what comes next out of turn. */
  override write(chunk: Buffer): boolean {
    if (!super.write(chunk)) this.emit('full');
    return true;
  }

  override _construct(done: () => void): void {
    this.#open().then(
      (part) => {
        this.#part = part;
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

  override _final(done: () => void): void {
    void this.#unlessFailed(async ({ handle }) => await handle.datasync()).then(done);
  }

  override _destroy(_error: Error | null, done: () => void): void {
    const close = this.#part?.handle.close() ?? Promise.resolve();
    void close.catch((error: unknown) => (this.#fault ??= error)).then(() => done());
  }

  #append(chunks: Buffer[]): Promise<void> {
    return this.#unlessFailed(async (part) => {
      for (const chunk of chunks) this.#hash.update(chunk);
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const { bytesWritten } = await part.handle.writev(chunks);
      if (bytesWritten < bytes)
        throw Object.assign(new Error('The disk took only a part.'), { code: 'ENOSPC' });
      part.bytes += bytes;
    });
  }

  async #unlessFailed(work: (part: OpenPart) => Promise<void>): Promise<void> {
    if (this.#fault !== undefined || !this.#part) return;
    try {
      await work(this.#part);
    } catch (error) {
      this.#fault = error;
    }
  }
}
