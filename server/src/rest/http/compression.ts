import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** Smaller bodies are not worth compressing. */
const COMPRESS_BYTES_MIN = 1024;
/** Brotli quality that is about as fast as gzip, and smaller. */
const BROTLI_QUALITY = 4;
const BROTLI_OPTIONS = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } };

const gzip = promisify(zlib.gzip);
const brotli = promisify(zlib.brotliCompress);

export interface Encoded {
  bytes: Buffer;
  encoding?: 'gzip' | 'br';
}

/** Compresses bytes if the client accepts it and it pays. */
export async function compress(bytes: Buffer, acceptEncoding: string | undefined): Promise<Encoded> {
  const encoding = bytes.length < COMPRESS_BYTES_MIN ? undefined : preferred(acceptEncoding);
  if (encoding === 'br') {
    return { bytes: await brotli(bytes, BROTLI_OPTIONS), encoding };
  }
  if (encoding === 'gzip') return { bytes: await gzip(bytes), encoding };
  return { bytes };
}

/** A stream in the form that the client accepts; both end together. */
export function compressStream(
  source: Readable,
  acceptEncoding: string | undefined,
): { stream: Readable; encoding?: 'gzip' | 'br' } {
  const encoding = preferred(acceptEncoding);
  if (encoding === undefined) return { stream: source };
  const encoder = encoding === 'br' ? zlib.createBrotliCompress(BROTLI_OPTIONS) : zlib.createGzip();
  return { stream: pipeline(source, encoder, () => undefined), encoding }; // who reads the encoder is told what fails
}

function preferred(acceptEncoding: string | undefined): 'gzip' | 'br' | undefined {
  const accepted = new Set<string>();
  for (const part of (acceptEncoding ?? '').split(',')) {
    const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    if (name && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name);
  }
  if (accepted.has('br')) return 'br';
  return accepted.has('gzip') ? 'gzip' : undefined;
}
