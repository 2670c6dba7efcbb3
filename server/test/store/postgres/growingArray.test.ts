import { expect, test } from '@jest/globals';
import { GrowingArray } from '../../../src/store/postgres/growingArray.ts';
import { int4Array, int8Array, textArray } from '../../../src/store/resource/binaryArray.ts';

const TEXTS = ['', 'a', 'ä€😀', '"\\', 'long '.repeat(2_000)];
const NUMBERS = Array.from({ length: 700 }, (_, i) => (i % 5 === 0 ? null : i - 300));

test('is the array that is made of all items at once', () => {
  const texts = new GrowingArray('text');
  for (const text of TEXTS) texts.addText(text);
  expect(texts.toBuffer()).toEqual(textArray(TEXTS));

  const small = new GrowingArray('int4');
  const large = new GrowingArray('int8');
  for (const value of NUMBERS) {
    if (value === null) [small, large].forEach((array) => array.addNull());
    else {
      small.addInt4(value);
      large.addInt8(BigInt(value) << 40n);
    }
  }
  expect(small.toBuffer()).toEqual(int4Array(NUMBERS));
  expect(large.toBuffer()).toEqual(
    int8Array(NUMBERS.map((one) => (one === null ? null : BigInt(one) << 40n))),
  );
  expect(small.length).toBe(NUMBERS.length);
});

test('goes on after it was read', () => {
  const array = new GrowingArray('int4');
  expect(array.toBuffer()).toEqual(int4Array([]));
  array.addInt4(1);
  expect(array.toBuffer()).toEqual(int4Array([1]));
});
