import { expect, test } from '@jest/globals';
import { keySignature } from '../../../src/store/index/keySignature.ts';

const has = (all: { a: bigint; b: bigint }, asked: { a: bigint; b: bigint }): boolean =>
  (all.a & asked.a) === asked.a && (all.b & asked.b) === asked.b;

/** The same each time, spread as a keyed hash is. */
const keyAt = (n: number): bigint => BigInt.asIntN(64, BigInt(n + 1) ** 3n * 0x9e3779b97f4a7c15n);

test('a key sets one bit of each word', () => {
  expect(keySignature([0n])).toEqual({ a: 1n, b: 1n });
  expect(keySignature([0x0105n])).toEqual({ a: 1n << 5n, b: 1n << 1n });
  expect(keySignature([-1n])).toEqual({ a: -(1n << 63n), b: -(1n << 63n) });
  expect(keySignature([])).toEqual({ a: 0n, b: 0n });
});

test('what a resource is found by, as its rows have it, has the bits of each of its keys', () => {
  for (let n = 0; n < 200; n++) {
    const keys = BigInt64Array.from({ length: 1 + (n % 40) }, (_, i) => keyAt(n * 100 + i));
    const all = keySignature(keys);
    for (const key of keys) expect(has(all, keySignature([key]))).toBe(true);
    expect(has(all, keySignature(keys.slice(0, 3)))).toBe(true);
  }
});

test('a part of a longer array is read from where it begins', () => {
  const keys = BigInt64Array.from([keyAt(1), keyAt(2), keyAt(3)]);
  expect(keySignature(keys.subarray(1, 2))).toEqual(keySignature([keyAt(2)]));
});

test('most keys that a resource of 26 does not have are told by it', () => {
  let passed = 0;
  for (let n = 0; n < 500; n++) {
    const all = keySignature(Array.from({ length: 26 }, (_, i) => keyAt(n * 27 + i)));
    if (has(all, keySignature([keyAt(n * 27 + 26)]))) passed++;
  }
  expect(passed / 500).toBeLessThan(0.2);
});
