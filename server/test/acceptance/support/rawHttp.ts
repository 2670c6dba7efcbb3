import net from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** What came back on one connection. */
export interface RawAnswer {
  /** 0 where the connection closed without an answer. */
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Whether the answer came whole, by its own account. */
  whole: boolean;
  /** Milliseconds from the first byte sent to the end of the connection. */
  tookMs: number;
  /** Further answers on the same connection: requests hidden in the body of the first one. */
  further: number[];
}

/** After so long without an answer the client closes its side: whatever is missing will not come. */
const HALF_CLOSE_AFTER_MS = 3_000;
const GIVE_UP_AFTER_MS = 90_000;

export interface RawOptions {
  /** Written in turn, `pauseMs` apart. */
  pauseMs?: number;
  halfCloseAfterMs?: number;
  giveUpAfterMs?: number;
  /** The request is a HEAD: its answer tells the length of a body that does not come. */
  head?: boolean;
}

/**
 * Sends bytes as they are over a connection of their own and reads until the server closes it. No HTTP client
 * stands between, that would refuse to send what a hostile client sends.
 */
export async function sendRaw(
  url: string,
  parts: readonly Buffer[],
  options: RawOptions = {},
): Promise<RawAnswer> {
  const { pauseMs = 0, halfCloseAfterMs = HALF_CLOSE_AFTER_MS, giveUpAfterMs = GIVE_UP_AFTER_MS } = options;
  const { hostname, port } = new URL(url);
  const started = Date.now();
  const chunks: Buffer[] = [];
  const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.once('end', () => socket.end());
  socket.on('error', () => socket.destroy()); // a reset is an answer too: the status stays 0
  const halfClose = setTimeout(() => chunks.length === 0 && socket.end(), halfCloseAfterMs);
  const giveUp = setTimeout(() => socket.destroy(), giveUpAfterMs);
  for (const part of parts) {
    if (socket.destroyed) break;
    socket.write(part);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  await closed;
  clearTimeout(halfClose);
  clearTimeout(giveUp);
  return { ...readAnswers(Buffer.concat(chunks), options.head ?? false), tookMs: Date.now() - started };
}

type Parsed = Omit<RawAnswer, 'tookMs'>;

function readAnswers(bytes: Buffer, head: boolean): Parsed {
  const { rest: afterFirst, body: coded, ...first } = readAnswer(bytes, head);
  const body = decoded(coded, first.headers['content-encoding']);
  const further: number[] = [];
  for (let rest = afterFirst; rest.length > 0;) {
    const next = readAnswer(rest, false);
    further.push(next.status);
    rest = next.rest;
  }
  return { ...first, body, further };
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (body.length === 0) return body;
  if (encoding === 'gzip') return gunzipSync(body);
  return encoding === 'br' ? brotliDecompressSync(body) : body;
}

const NOTHING = Buffer.alloc(0);
const NO_ANSWER = { status: 0, headers: {}, body: NOTHING, whole: false, rest: NOTHING };

function readAnswer(bytes: Buffer, head: boolean): Omit<Parsed, 'further'> & { rest: Buffer } {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return NO_ANSWER;
  const [line = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? 0);
  if (status === 100) return readAnswer(bytes.subarray(end + 4), head);
  const headers = Object.fromEntries(
    lines.map((header) => {
      const colon = header.indexOf(':');
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()];
    }),
  );
  const rest = bytes.subarray(end + 4);
  if (head || status === 204 || status === 304) return { status, headers, body: NOTHING, whole: true, rest };
  if (headers['transfer-encoding'] === 'chunked') return { status, headers, ...dechunked(rest) };
  const length = Number(headers['content-length'] ?? 0);
  const body = rest.subarray(0, length);
  return { status, headers, body, whole: body.length === length, rest: rest.subarray(length) };
}

function dechunked(bytes: Buffer): { body: Buffer; whole: boolean; rest: Buffer } {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (lineEnd < 0 || Number.isNaN(size))
      return { body: Buffer.concat(chunks), whole: false, rest: NOTHING };
    if (size === 0) return { body: Buffer.concat(chunks), whole: true, rest: bytes.subarray(lineEnd + 4) };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
