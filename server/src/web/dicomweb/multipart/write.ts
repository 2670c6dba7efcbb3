import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
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
    stream: Readable.from(written(boundary, first.value, parts), { objectMode: false }),
  };
}

async function* written(
  boundary: string,
  first: Part,
  others: AsyncGenerator<Part>,
): AsyncGenerator<Uint8Array> {
  yield* onePart(boundary, first);
  for await (const part of others) yield* onePart(boundary, part);
  yield Buffer.from(`--${boundary}--\r\n`);
}

async function* onePart(boundary: string, part: Part): AsyncGenerator<Uint8Array> {
  const { contentType, location, bytes, stream } = part;
  const lines = [
    `--${boundary}`,
    `Content-Type: ${contentType}`,
    ...(bytes === undefined ? [] : [`Content-Length: ${bytes}`]),
    ...(location === undefined ? [] : [`Content-Location: ${location}`]),
  ];
  yield Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  yield* stream;
  yield Buffer.from('\r\n');
}
