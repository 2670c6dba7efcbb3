import { describe, expect, test } from '@jest/globals';
import { randomOf } from '../../acceptance/support/mutations/random.ts';
import { readParts } from '../../../src/web/dicomweb/multipart/read.ts';

const BOUNDARY = 'b0und';
const SEED = Number(process.env.MUTATION_SEED ?? 1);

/** Bytes in pieces of a size. */
// eslint-disable-next-line @typescript-eslint/require-await -- a source of bytes is asynchronous
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(body: string | Buffer, size = 7, boundary = BOUNDARY) {
  const found: { type: string | undefined; body: string }[] = [];
  for await (const part of readParts(pieces(Buffer.from(body), size), boundary)) {
    const bytes: Uint8Array[] = [];
    for await (const piece of part.body) bytes.push(piece);
    found.push({ type: part.headers.get('content-type'), body: Buffer.concat(bytes).toString('latin1') });
  }
  return found;
}

const TWO = `--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\none\r\n--${BOUNDARY}\r\nContent-Type: b\r\nX: y\r\n\r\n\r\n--b0un\r\n--${BOUNDARY}--\r\n`;

describe('a body of several parts', () => {
  test.each([1, 2, 3, 5, 8, 13, 40, 1_000])('is read from pieces of %i bytes', async (size) => {
    expect(await read(TWO, size)).toEqual([
      { type: 'application/dicom', body: 'one' },
      { type: 'b', body: '\r\n--b0un' }, // what looks like a boundary is none
    ]);
  });

  test('is what was written, whatever its parts are made of and however it comes', async () => {
    for (let number = 0; number < 500; number++) {
      const random = randomOf(SEED, number);
      const word = () =>
        random.pick(['\r', '\n', '-', '--', BOUNDARY, 'b0un', 'x', `\r\n--${BOUNDARY.slice(0, -1)}`]);
      const texts = Array.from({ length: random.below(4) }, () =>
        Array.from({ length: random.below(12) }, word).join(''),
      ).filter((text) => !`\r\n${text}`.includes(`\r\n--${BOUNDARY}`));
      const parts = texts.map((text) => `--${BOUNDARY}\r\n\r\n${text}\r\n`).join('');
      const found = await read(`${parts}--${BOUNDARY}--`, 1 + random.below(20));
      expect({ number, texts: found.map(({ body }) => body) }).toEqual({ number, texts });
    }
  });

  test('may have headers that go on in the next line', async () => {
    const head = 'Content-Type: application/dicom;\r\n\ttransfer-syntax=1.2\r\nX: y';
    expect(await read(`--${BOUNDARY}\r\n${head}\r\n\r\na\r\n--${BOUNDARY}--`)).toEqual([
      { type: 'application/dicom; transfer-syntax=1.2', body: 'a' },
    ]);
  });

  test('may have something before its first part and after its last, no headers, and empty parts', async () => {
    const body = `this is ignored\r\n--${BOUNDARY}\r\n\r\na\r\n--${BOUNDARY}\r\n\r\n\r\n--${BOUNDARY}--and this`;
    expect(await read(body)).toEqual([
      { type: undefined, body: 'a' },
      { type: undefined, body: '' },
    ]);
  });

  test('goes on behind a part that nobody has read, or not to its end', async () => {
    const seen: string[] = [];
    const body = `--${BOUNDARY}\r\nN: 1\r\n\r\n${'x'.repeat(500)}\r\n--${BOUNDARY}\r\nN: 2\r\n\r\n${'y'.repeat(500)}\r\n--${BOUNDARY}\r\nN: 3\r\n\r\nz\r\n--${BOUNDARY}--`;
    for await (const part of readParts(pieces(Buffer.from(body), 16), BOUNDARY)) {
      const number = part.headers.get('n')!;
      if (number === '2') for await (const piece of part.body) if (piece.length > 0) break;
      seen.push(number);
    }
    expect(seen).toEqual(['1', '2', '3']);
  });

  test.each([
    ['ends in a part', `--${BOUNDARY}\r\n\r\nabc`, BOUNDARY],
    ['ends before the last delimiter is complete', `--${BOUNDARY}\r\n\r\nabc\r\n--${BOUNDARY}-`, BOUNDARY],
    ['ends in the headers', `--${BOUNDARY}\r\nContent-Type`, BOUNDARY],
    ['has another boundary', `--other\r\n\r\nabc\r\n--other--`, BOUNDARY],
    ['has something behind a delimiter', `--${BOUNDARY}x\r\nA: b\r\n\r\nabc\r\n--${BOUNDARY}--`, BOUNDARY],
    ['has a header without a name', `--${BOUNDARY}\r\n: b\r\n\r\nabc\r\n--${BOUNDARY}--`, BOUNDARY],
    ['has headers without end', `--${BOUNDARY}\r\nA: ${'b'.repeat(20_000)}`, BOUNDARY],
    ['has no boundary', TWO, ''],
    ['has a boundary that is none', TWO, 'a\r\nb'],
    ['is empty', '', BOUNDARY],
  ])('that %s is refused', async (_what, body, boundary) => {
    await expect(read(body, 7, boundary)).rejects.toMatchObject({ category: 'incorrect' });
  });
});
