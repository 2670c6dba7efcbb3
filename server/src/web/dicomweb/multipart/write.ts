import { randomUUID } from 'node:crypto';
import { finished, Readable } from 'node:stream';
import type { FhirResponse } from '../../../rest/http/types.ts';

/** One representation of several. */
export interface Part {
  contentType: string;
  /** Absolute URL at which it is alone. */
  location?: string;
  bytes?: number;
  stream: Readable;
}

/** What the bridge answers, as a part. */
export const partOf = (
  { stream, bytes }: Pick<Part, 'stream' | 'bytes'>,
  contentType: string,
  location: string,
): Part => ({ contentType, location, stream, ...(bytes !== undefined && { bytes }) });

/** One representation by itself. */
export const singlePartResponse = ({ contentType, bytes, stream }: Part): FhirResponse => ({
  status: 200,
  headers: {
    'Content-Type': contentType,
    ...(bytes !== undefined && { 'Content-Length': String(bytes) }),
  },
  stream,
});

/**
 * An answer of several parts (PS3.18 section 8.6.1.2, RFC 2387), sent as the client takes it. The first part is fetched before anything is said, so that what cannot be had is
 * an error; where a later one fails, the answer ends before it is whole.
 *
 * @param parts at least one
 * @throws what the first part fails with
 */
export async function multipartResponse(parts: AsyncGenerator<Part>): Promise<FhirResponse> {
  const first = await parts.next();
  if (first.done) throw new RangeError('an answer needs a part');
  const boundary = randomUUID();
  const [type] = first.value.contentType.split(';');
  return {
    status: 200,
    headers: { 'Content-Type': `multipart/related; type="${type}"; boundary=${boundary}` },
    stream: new PartsStream(boundary, first.value, parts),
  };
}

/** As much is read ahead of the client. */
const AHEAD_BYTES_MAX = 512 * 1024;

/** Parts one after the other, each as it comes: nothing of them is copied. */
class PartsStream extends Readable {
  readonly #boundary: string;
  readonly #others: AsyncGenerator<Part>;
  #first: Part | undefined;
  #part: Readable | undefined;

  constructor(boundary: string, first: Part, others: AsyncGenerator<Part>) {
    super({ highWaterMark: AHEAD_BYTES_MAX });
    this.#boundary = boundary;
    this.#others = others;
    this.#first = first;
  }

  /** Not before somebody reads, and so would be told of a fault. */
  override _read(): void {
    const first = this.#first;
    this.#first = undefined;
    if (first) this.#begin(first);
    else this.#part?.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    (this.#part ?? this.#first?.stream)?.destroy();
    // What is fetched ahead comes to its end, and is thrown away.
    this.#others.return(undefined).then(() => done(error), done);
  }

  #begin(part: Part): void {
    const { stream } = part;
    this.#part = stream;
    this.push(headOf(this.#boundary, part));
    stream.on('data', (piece: Buffer) => {
      if (!this.push(piece)) stream.pause();
    });
    finished(stream, { writable: false }, (error) => {
      if (this.destroyed) return;
      if (error) this.destroy(error);
      else void this.#next();
    });
  }

  async #next(): Promise<void> {
    this.#part = undefined;
    this.push('\r\n');
    try {
      const { done, value } = await this.#others.next();
      if (this.destroyed) return void (value as Part | undefined)?.stream.destroy();
      if (!done) return this.#begin(value);
      this.push(`--${this.#boundary}--\r\n`);
      this.push(null);
    } catch (error) {
      this.destroy(error as Error);
    }
  }
}

function headOf(boundary: string, { contentType, location, bytes }: Part): string {
  const lines = [
    `--${boundary}`,
    `Content-Type: ${contentType}`,
    ...(bytes === undefined ? [] : [`Content-Length: ${bytes}`]),
    ...(location === undefined ? [] : [`Content-Location: ${location}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
