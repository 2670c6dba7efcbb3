/** One whole response. `body` is kept only where somebody asked for it. */
export interface HttpResponse {
  status: number;
  body: Buffer | undefined;
  /** The server closes the connection after this response. */
  closes: boolean;
}

type State = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

const EMPTY = Buffer.alloc(0);
const HEAD_END = '\r\n\r\n';
/** A head longer than this is a fault of the server. */
const HEAD_BYTES_MAX = 64 * 1024;
const CONTENT_LENGTH = /\r\ncontent-length:[ \t]*(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding:[ \t]*chunked/i;
const CLOSE = /\r\nconnection:[ \t]*close/i;

/**
 * Splits a byte stream of HTTP/1.1 responses (RFC 9112): fixed lengths and chunks, in pieces cut anywhere. Lean, since it
 * shares the processors with what it measures; it knows only what servers answer to GET, POST and PUT.
 */
export class ResponseParser {
  /** Whether bodies are to be kept; may change between responses. */
  keepBody = false;
  #onResponse: (response: HttpResponse) => void;
  #state: State = 'head';
  #rest: Buffer = EMPTY;
  #status = 0;
  #closes = false;
  #left = 0;
  #body: Buffer[] = [];

  constructor(onResponse: (response: HttpResponse) => void) {
    this.#onResponse = onResponse;
  }

  /** Takes the next bytes; throws on what is no HTTP/1.1 response. */
  push(bytes: Buffer): void {
    const data = this.#rest.length ? Buffer.concat([this.#rest, bytes]) : bytes;
    this.#rest = EMPTY;
    let at = 0;
    while (at < data.length) {
      const next = this.#step(data, at);
      if (next < 0) {
        this.#rest = data.subarray(at);
        return;
      }
      at = next;
    }
  }

  /** Where to go on, or -1 where more bytes are needed. */
  #step(data: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#head(data, at);
      case 'body':
      case 'chunk':
        return this.#content(data, at);
      case 'chunk-end':
        if (data.length - at < 2) return -1;
        this.#state = 'chunk-size';
        return at + 2;
      case 'chunk-size':
        return this.#chunkSize(data, at);
      case 'trailer':
        return this.#trailer(data, at);
    }
  }

  #head(data: Buffer, at: number): number {
    const end = data.indexOf(HEAD_END, at, 'latin1');
    if (end < 0) {
      if (data.length - at > HEAD_BYTES_MAX) throw new Error('the head of a response does not end');
      return -1;
    }
    const head = data.toString('latin1', at, end);
    if (!head.startsWith('HTTP/1.1 ')) throw new Error(`no HTTP/1.1 response: ${head.slice(0, 40)}`);
    this.#status = Number(head.slice(9, 12));
    this.#closes = CLOSE.test(head);
    const next = end + HEAD_END.length;
    if (this.#status < 200) return next;
    if (this.#status === 204 || this.#status === 304) this.#finish();
    else if (CHUNKED.test(head)) this.#state = 'chunk-size';
    else this.#expect(Number(CONTENT_LENGTH.exec(head)?.[1] ?? NaN));
    return next;
  }

  #expect(length: number): void {
    if (Number.isNaN(length)) throw new Error('a response with neither content-length nor chunks');
    if (length === 0) return this.#finish();
    this.#left = length;
    this.#state = 'body';
  }

  #content(data: Buffer, at: number): number {
    const next = Math.min(data.length, at + this.#left);
    if (this.keepBody) this.#body.push(data.subarray(at, next));
    this.#left -= next - at;
    if (this.#left > 0) return next;
    if (this.#state === 'chunk') this.#state = 'chunk-end';
    else this.#finish();
    return next;
  }

  #chunkSize(data: Buffer, at: number): number {
    const end = data.indexOf('\r\n', at, 'latin1');
    if (end < 0) return -1;
    const line = data.toString('latin1', at, end);
    if (!/^[0-9a-f]+/i.test(line)) throw new Error(`no size of a chunk: ${line.slice(0, 40)}`);
    this.#left = parseInt(line, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    return end + 2;
  }

  #trailer(data: Buffer, at: number): number {
    const end = data.indexOf('\r\n', at, 'latin1');
    if (end < 0) return -1;
    if (end === at) this.#finish();
    return end + 2;
  }

  #finish(): void {
    const body = this.keepBody ? Buffer.concat(this.#body) : undefined;
    this.#body = [];
    this.#state = 'head';
    this.#onResponse({ status: this.#status, body, closes: this.#closes });
  }
}
