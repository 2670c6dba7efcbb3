import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Bytes of one file, after decompression. */
export const IMPORT_INPUT_BYTES_MAX = 64 * 2 ** 30;

export interface DownloadTimes {
  /** Until the connection stands. */
  connectMs: number;
  /** Without a byte, from the connection on. */
  silenceMs: number;
}

export const DOWNLOAD_TIMES: DownloadTimes = { connectMs: 10_000, silenceMs: 60_000 };

/** A file cannot be read, or not to its end. The message is for whoever asked for the import. */
export class DownloadError extends Error {
  /** Whether the same may succeed a little later. */
  readonly passing: boolean;

  constructor(message: string, passing: boolean) {
    super(message);
    this.name = 'DownloadError';
    this.passing = passing;
  }
}

/** A file that is being read. */
export interface Download {
  /** What the source says of its version: as long as that is the same, so is the file. */
  version: string | undefined;
  /** Decompressed. @throws DownloadError while it is read */
  chunks: AsyncIterable<Uint8Array>;
}

/**
 * Begins to read a file by HTTP. Redirects are not followed: where they lead, nobody allowed.
 *
 * @param url that may be fetched
 * @throws DownloadError
 */
export async function download(url: URL, signal: AbortSignal, times = DOWNLOAD_TIMES): Promise<Download> {
  const answer = await request(url, signal, times);
  const { headers, statusCode = 0 } = answer;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (statusCode !== 200 || !/^(identity|gzip|x-gzip)$/i.test(encoding)) {
    answer.destroy();
    throw statusCode === 200
      ? new DownloadError('The source sent the file in an encoding that was not asked for.', false)
      : badStatus(statusCode);
  }
  const version = headers.etag ?? headers['last-modified'];
  return { version, chunks: bounded(plain(watched(answer, times.silenceMs))) };
}

async function request(url: URL, signal: AbortSignal, times: DownloadTimes): Promise<http.IncomingMessage> {
  const { request: begin } = url.protocol === 'https:' ? https : http;
  const outgoing = begin(url, {
    agent: false,
    signal,
    headers: {
      Accept: 'application/fhir+ndjson, application/ndjson;q=0.9, */*;q=0.8',
      'Accept-Encoding': 'gzip',
    },
  });
  const limit = setTimeout(() => outgoing.destroy(silent('did not take the connection')), times.connectMs);
  outgoing.once('socket', (socket) =>
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      clearTimeout(limit);
      outgoing.setTimeout(times.silenceMs, () => outgoing.destroy(silent('sent nothing')));
    }),
  );
  outgoing.end();
  try {
    const [answer] = (await once(outgoing, 'response')) as [http.IncomingMessage];
    outgoing.setTimeout(0); // from here on whoever reads it watches it: they may pause
    outgoing.on('error', () => undefined); // told by the answer
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    throw asDownloadError(error);
  } finally {
    clearTimeout(limit);
  }
}

/** What comes, unless nothing comes for too long while it is waited for. */
async function* watched(answer: http.IncomingMessage, silenceMs: number): AsyncGenerator<Uint8Array> {
  const chunks = answer.iterator() as NodeJS.AsyncIterator<Buffer>;
  try {
    for (;;) {
      const limit = setTimeout(() => answer.destroy(silent('sent nothing')), silenceMs);
      const next = await chunks.next().finally(() => clearTimeout(limit));
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    answer.destroy();
  }
}

/** The first bytes of gzip (RFC 1952), which no JSON begins with. */
const GZIP = [0x1f, 0x8b];

/** Decompressed where it is gzip, whether the source says so or not. */
async function* plain(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const start = await beginning(chunks, GZIP.length);
    const whole = (async function* () {
      yield start;
      yield* chunks;
    })();
    if (GZIP.some((byte, i) => start[i] !== byte)) yield* whole;
    else yield* pipeline(whole, createGunzip(), () => undefined) as AsyncIterable<Uint8Array>;
  } finally {
    await chunks.return(undefined);
  }
}

/** So many bytes at least, if there are so many. */
async function beginning(chunks: AsyncGenerator<Uint8Array>, bytesMin: number): Promise<Buffer> {
  let start = Buffer.alloc(0);
  while (start.length < bytesMin) {
    const next = await chunks.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  return start;
}

async function* bounded(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > IMPORT_INPUT_BYTES_MAX)
        throw new DownloadError(`The file has more than ${IMPORT_INPUT_BYTES_MAX} bytes: split it.`, false);
      yield chunk;
    }
  } catch (error) {
    throw asDownloadError(error);
  }
}

const silent = (what: string) => new DownloadError(`The source ${what} for too long.`, true);

function badStatus(status: number): DownloadError {
  if (status >= 300 && status < 400)
    return new DownloadError(
      `The source sent a redirect (${status}), which is not followed: name the file itself.`,
      false,
    );
  const passing = status >= 500 || status === 429 || status === 408;
  return new DownloadError(`The source answered ${status}.`, passing);
}

function asDownloadError(error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  const code = String((error as { code?: unknown }).code ?? (error as Error).name);
  if (code === 'Z_BUF_ERROR') return new DownloadError('The gzip data breaks off.', false);
  if (code.startsWith('Z_')) return new DownloadError('The gzip data is damaged.', false);
  const isCertificate = /CERT|SIGNATURE|TLS|SSL/.test(code);
  return new DownloadError(
    `The source cannot be reached, or the connection broke (${code}).`,
    !isCertificate,
  );
}
