import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** Smaller bodies are not worth compressing. */
const COMPRESS_BYTES_MIN = 1024;
/** Brotli quality that is about as fast as gzip, and smaller. */
const BROTLI_QUALITY = 4;

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
    const options = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } };
    return { bytes: await brotli(bytes, options), encoding };
  }
  if (encoding === 'gzip') return { bytes: await gzip(bytes), encoding };
  return { bytes };
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
