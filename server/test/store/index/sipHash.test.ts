import { describe, expect, test } from '@jest/globals';
import { createSipHash } from '../../../src/store/index/sipHash.ts';

/** Of the bytes 0, 1, 2, ... (as many as the index says), with the key 00 01 .. 0f: the authors' vectors. */
const VECTORS = [
  '310e0edd47db6f72',
  'fd67dc93c539f874',
  '5a4fa9d909806c0d',
  '2d7efbd796666785',
  'b7877127e09427cf',
  '8da699cd64557618',
  'cee3fe586e46c9cb',
  '37d1018bf50002ab',
  '6224939a79f5f593',
  'b0e4a90bdf82009e',
  'f3b9dd94c5bb5d7a',
  'a7ad6b22462fb3f4',
  'fbe50e86bc8f1e75',
  '903d84c02756ea14',
  'eef27a8e90ca23f7',
  'e545be4961ca29a1',
];

describe('SipHash-2-4', () => {
  const secret = Uint8Array.from({ length: 16 }, (_, i) => i);

  test('gives the published hashes for inputs of 0 to 15 bytes', () => {
    const sip = createSipHash(secret);
    const hashes = VECTORS.map((_, length) => {
      sip.hash(
        Uint8Array.from({ length }, (_, i) => i),
        length,
      );
      return Buffer.from(sip.result.buffer).toString('hex');
    });
    expect(hashes).toEqual(VECTORS);
  });

  test('looks at no byte beyond the given length', () => {
    const sip = createSipHash(secret);
    sip.hash(
      Uint8Array.from({ length: 64 }, (_, i) => i),
      15,
    );
    expect(Buffer.from(sip.result.buffer).toString('hex')).toBe(VECTORS[15]);
  });

  test('takes no secret of another length', () => {
    expect(() => createSipHash(new Uint8Array(15))).toThrow('16 bytes');
  });
});
