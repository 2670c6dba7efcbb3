import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { fhirError } from '../../fhir/outcome.ts';
import type { BodyLease } from './bodyRoom.ts';

type Decompress = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
const DECODERS: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', promisify(zlib.gunzip) as Decompress],
  ['x-gzip', promisify(zlib.gunzip) as Decompress],
  ['deflate', promisify(zlib.inflate) as Decompress],
  ['br', promisify(zlib.brotliDecompress) as Decompress],
]);

/**
 * The whole body of a request, decompressed.
 *
 * @param bytesMax largest body, as sent and after decompression
 * @param lease holds what is read; whoever made it releases it
 * @throws FhirError `too-large`, `unsupported-media-type` (unknown Content-Encoding), `incorrect` (damaged), `busy`
 */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  lease: BodyLease,
): Promise<Buffer> {
  const encoding = encodingOf(request);
  const decode = DECODERS.get(encoding);
  if (decode === undefined && encoding !== 'identity') throw unknownEncoding();
  const raw = await collect(request, bytesMax, lease);
  if (decode === undefined) return raw;
  const decoded = await decode(raw, { maxOutputLength: bytesMax }).catch((error: { code?: string }) => {
    throw error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(bytesMax) : damaged(encoding);
  });
  lease.take(decoded.length);
  return decoded;
}

function collect(request: IncomingMessage, bytesMax: number, lease: BodyLease): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.reject(tooLarge(bytesMax));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > bytesMax) throw tooLarge(bytesMax);
        lease.take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        request.removeAllListeners('data').pause();
        reject(error as Error);
      }
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(incomplete()));
    request.on('aborted', () => reject(incomplete()));
  });
}

export function tooLarge(bytesMax: number) {
  return fhirError(
    'too-large',
    'too-long',
    `The body is larger than ${bytesMax} bytes: send less, or in several requests.`,
  );
}

type Decoder = () => Transform;
const STREAM_DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', () => zlib.createGunzip()],
  ['x-gzip', () => zlib.createGunzip()],
  ['deflate', () => zlib.createInflate()],
  ['br', () => zlib.createBrotliDecompress()],
]);

/**
 * The body of a request as it comes, decompressed; its size is for the reader to bound. A reader that stops early
 * does not close the connection: its answer has still to go out there.
 *
 * @throws FhirError, while it is read: `unsupported-media-type`, `incorrect` (damaged or not complete)
 */
export async function* bodyStream(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const encoding = encodingOf(request);
  const raw = receivedBytes(request);
  if (encoding === 'identity') return yield* raw;
  const createDecoder = STREAM_DECODERS.get(encoding);
  if (createDecoder === undefined) throw unknownEncoding();
  const decoder = createDecoder();
  const fed = pipeline(raw, decoder);
  fed.catch(() => undefined); // thrown below
  try {
    yield* decoder;
    await fed;
  } catch (error) {
    throw (error as { code?: string }).code?.startsWith('Z_') ? damaged(encoding) : error;
  } finally {
    decoder.destroy();
  }
}

/** Whether a body comes with the request (RFC 9112 6). */
export function hasBody(request: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = request.headers;
  return length !== '0' || coding !== undefined;
}

/**
 * Waits for the end of a body that has no meaning. A request that never ends whole must change nothing: so what
 * acts without reading a body calls this first.
 */
export async function discardBody(request: IncomingMessage): Promise<void> {
  if (!hasBody(request)) return;
  const bytes = receivedBytes(request);
  while (!(await bytes.next()).done);
}

/** How long the rest of a refused body is read. */
const DISCARD_MS_MAX = 10_000;

/**
 * Reads on after an answer that came before the end of the body: a connection closed on a client that still sends
 * would take the answer with it (RFC 9112 9.6). Closes the connection when the rest takes too long.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.socket.destroy(), DISCARD_MS_MAX).unref();
  request.once('close', () => clearTimeout(timer));
  request.on('error', () => undefined); // nobody waits for it any more
  request.resume();
}

async function* receivedBytes(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } catch {
    throw incomplete();
  }
}

const encodingOf = (request: IncomingMessage) =>
  (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();

const unknownEncoding = () =>
  fhirError(
    'unsupported-media-type',
    'not-supported',
    'Content-Encoding must be gzip, deflate, br or identity.',
  );
const damaged = (encoding: string) =>
  fhirError('incorrect', 'structure', `The body is not valid ${encoding} data.`);
const incomplete = () =>
  fhirError('incorrect', 'structure', 'The request ended before its body was complete.');
