import { fhirError, type FhirError } from '../../../fhir/outcome.ts';

/** A part as it arrives. */
export interface ReceivedPart {
  /** By names in lower case. */
  headers: ReadonlyMap<string, string>;
  /** To be read before the next part is asked for; what is not read is skipped. */
  body: AsyncGenerator<Uint8Array>;
}

/** RFC 2046, 5.1.1. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
/** Of all headers of a part, and of what may stand before the first one. */
const HEADERS_BYTES_MAX = 8 * 1024;
const LINE_END = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');
const DASH = 0x2d;
/** A header may go on in the next line (RFC 5322, 2.2.3). */
const FOLD = /(?<!^)\r\n[ \t]/g;

/**
 * Reads a body of several parts (RFC 2046, 5.1) as it comes: of a part no more is in memory than what has arrived at once.
 *
 * @throws FhirError `incorrect` where it is none, ends too early, or has a head beyond the limit; what the source fails with
 */
export async function* readParts(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<ReceivedPart> {
  if (!BOUNDARY.test(boundary)) throw broken('The boundary of the Content-Type is none.');
  const window = new Window(source[Symbol.asyncIterator]());
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  window.prepend(LINE_END); // so that the first delimiter, before which nothing need stand, is like the others
  await window.skipTo(delimiter, HEADERS_BYTES_MAX);
  while (!(await isLast(window))) {
    const headers = readHeaders(await window.takeTo(HEADERS_END, HEADERS_BYTES_MAX));
    const body = window.bytesTo(delimiter);
    yield { headers, body };
    for await (const _ of body); // what nobody has read
    if (!window.isAtMark) await window.skipTo(delimiter);
  }
}

/** Behind a delimiter: two dashes end it all, else the next part follows. */
async function isLast(window: Window): Promise<boolean> {
  await window.atLeast(2);
  return window.byte(0) === DASH && window.byte(1) === DASH;
}

/** @param head what stands between the delimiter and the empty line */
function readHeaders(head: Buffer): ReadonlyMap<string, string> {
  const [rest = '', ...lines] = head.toString('latin1').replaceAll(FOLD, ' ').split('\r\n');
  if (rest.trim() !== '') throw broken('Behind a delimiter stands something else than a part.');
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw broken('A header of a part has no name.');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** What has arrived of a source and was not given on yet. */
class Window {
  readonly #source: AsyncIterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);
  /** Whether what was looked for last was found, and lies behind. */
  isAtMark = false;

  constructor(source: AsyncIterator<Uint8Array>) {
    this.#source = source;
  }

  prepend(bytes: Buffer): void {
    this.#bytes = Buffer.concat([bytes, this.#bytes]);
  }

  byte(at: number): number | undefined {
    return this.#bytes[at];
  }

  /** @throws FhirError where less follows */
  async atLeast(count: number): Promise<void> {
    while (this.#bytes.length < count) await this.#more();
  }

  /** Goes behind a mark. @param bytesMax that may lie before it */
  async skipTo(mark: Buffer, bytesMax = Infinity): Promise<void> {
    let bytes = 0;
    for await (const piece of this.bytesTo(mark)) {
      bytes += piece.length;
      if (bytes > bytesMax) throw broken('The body does not begin with the boundary of its Content-Type.');
    }
  }

  /** What lies before a mark; goes behind it. */
  async takeTo(mark: Buffer, bytesMax: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of this.bytesTo(mark)) {
      bytes += piece.length;
      if (bytes > bytesMax) throw broken(`The headers of a part have more than ${bytesMax} bytes.`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /** What lies before a mark, as it comes; goes behind the mark when it is read to its end. */
  async *bytesTo(mark: Buffer): AsyncGenerator<Uint8Array> {
    this.isAtMark = false;
    for (;;) {
      const at = this.#bytes.indexOf(mark);
      // The beginning of the mark may stand at the end: so much is kept back.
      const ready = at < 0 ? Math.max(0, this.#bytes.length - mark.length + 1) : at;
      const piece = this.#bytes.subarray(0, ready);
      this.#bytes = this.#bytes.subarray(at < 0 ? ready : at + mark.length);
      this.isAtMark = at >= 0;
      if (piece.length > 0) yield piece;
      if (at >= 0) return;
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw broken('The body ends before its last part is complete.');
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(value) : Buffer.concat([this.#bytes, value]);
  }
}

const broken = (text: string): FhirError => fhirError('incorrect', 'structure', text);
