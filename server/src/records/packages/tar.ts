/** A regular file of an archive. Its chunks must be read to the end (or the loop left) before the next file is asked for. */
export interface TarFile {
  name: string;
  sizeBytes: number;
  chunks: AsyncIterable<Uint8Array>;
}

const BLOCK_BYTES = 512;
/** A pax header or a long name beyond this is no name of a file. */
const HEADER_BYTES_MAX = 1024 * 1024;
const LONG_NAME = 'L';
const LONG_LINK = 'K';
const PAX = 'x';
const PAX_GLOBAL = 'g';

/**
 * The regular files of a tar stream (POSIX ustar and pax, GNU long names), in their order. Nothing is held but the
 * chunk under way. Links, folders and devices are passed over.
 *
 * @throws Error when the stream is no tar archive or breaks off
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile, void> {
  const reader = new BlockReader(stream);
  let override: { name?: string | undefined; sizeBytes?: number | undefined } = {};
  for (;;) {
    const block = await reader.take(BLOCK_BYTES);
    if (block === undefined || block.every((byte) => byte === 0)) return;
    const header = parseHeader(block);
    if (header.kind === LONG_NAME) {
      override.name = cString(await wholeHeader(reader, header.sizeBytes));
      continue;
    }
    if (header.kind === PAX) {
      override = { ...override, ...parsePax(await wholeHeader(reader, header.sizeBytes)) };
      continue;
    }
    const sizeBytes = override.sizeBytes ?? header.sizeBytes;
    const name = override.name ?? header.name;
    if (header.kind !== PAX_GLOBAL && header.kind !== LONG_LINK) override = {};
    const rest = { bytes: sizeBytes };
    if (header.regular) yield { name, sizeBytes, chunks: reader.stream(rest) };
    await reader.skip(rest.bytes + padding(sizeBytes));
  }
}

const padding = (sizeBytes: number): number => (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;

async function wholeHeader(reader: BlockReader, sizeBytes: number): Promise<Buffer> {
  if (sizeBytes > HEADER_BYTES_MAX) throw new Error('The archive has a file name of more than 1 MiB.');
  const bytes = await reader.take(sizeBytes);
  await reader.skip(padding(sizeBytes));
  return bytes ?? Buffer.alloc(0);
}

interface Header {
  name: string;
  sizeBytes: number;
  kind: string;
  regular: boolean;
}

function parseHeader(block: Buffer): Header {
  if (octal(block, 148, 8) !== checksum(block)) throw new Error('This is no tar archive, or it is damaged.');
  const ustar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = ustar ? cString(block.subarray(345, 500)) : '';
  const name = cString(block.subarray(0, 100));
  const kind = String.fromCharCode(block[156] ?? 0);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes: sizeOf(block),
    kind,
    regular: kind === '0' || kind === '\0' || kind === '7',
  };
}

/** Octal digits, or (GNU, for files of 8 GiB and more) a binary number whose first bit is set. */
function sizeOf(block: Buffer): number {
  if (((block[124] ?? 0) & 0x80) === 0) return octal(block, 124, 12);
  return Number(block.readBigUInt64BE(128));
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at++) sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  return sum;
}

const octal = (block: Buffer, at: number, length: number): number =>
  parseInt(cString(block.subarray(at, at + length)).trim() || '0', 8);

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Records `<length> <key>=<value>\n`; the length counts bytes, itself included. */
function parsePax(bytes: Buffer): { name?: string; sizeBytes?: number } {
  const found: { name?: string; sizeBytes?: number } = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    if (space < 0 || !Number.isInteger(length) || length <= 0)
      throw new Error('The archive has a damaged pax header.');
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) found.name = record.slice('path='.length);
    if (record.startsWith('size=')) found.sizeBytes = Number(record.slice('size='.length));
    at += length;
  }
  return found;
}

/** Cuts a stream of chunks into pieces of a wanted size. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#source = stream[Symbol.asyncIterator]();
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done) return false;
    this.#held = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return true;
  }

  /** Exactly so many bytes, or undefined when the stream had ended before the first of them. */
  async take(bytes: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    const rest = { bytes };
    for await (const piece of this.#pieces(rest)) pieces.push(piece);
    if (rest.bytes === bytes && bytes > 0) return undefined;
    if (rest.bytes > 0) throw new Error('The archive breaks off.');
    return Buffer.concat(pieces);
  }

  /** So many bytes as chunks; counts `rest` down, so that what a reader leaves can be skipped. */
  async *stream(rest: { bytes: number }): AsyncGenerator<Uint8Array, void> {
    yield* this.#pieces(rest);
    if (rest.bytes > 0) throw new Error('The archive breaks off.');
  }

  /** Passes over so many bytes; the zeros that fill the last block may be missing. */
  async skip(bytes: number): Promise<void> {
    const rest = { bytes };
    for await (const piece of this.#pieces(rest)) void piece;
    if (rest.bytes >= BLOCK_BYTES) throw new Error('The archive breaks off.');
  }

  async *#pieces(rest: { bytes: number }): AsyncGenerator<Buffer, void> {
    while (rest.bytes > 0) {
      if (this.#held.length === 0 && !(await this.#more())) return;
      const piece = this.#held.subarray(0, rest.bytes);
      this.#held = this.#held.subarray(piece.length);
      rest.bytes -= piece.length;
      yield piece;
    }
  }
}
