import { beforeEach, expect, test } from '@jest/globals';
import { MetadataTexts } from '../../src/retrieve/metadataTexts.ts';

const BYTES = 10;
let texts: MetadataTexts;
/** UIDs that were read, in their order. */
let read: string[];
beforeEach(() => {
  texts = new MetadataTexts(2 * BYTES);
  read = [];
});
const get = (uid: string, bytes = BYTES) =>
  texts.get(uid, () => {
    read.push(uid);
    return Promise.resolve(Buffer.alloc(bytes, uid));
  });

test('what was asked for last is kept, as much as may be', async () => {
  for (const uid of ['1', '2', '1', '3', '1', '2']) expect(await get(uid)).toEqual(Buffer.alloc(BYTES, uid));
  expect(read).toEqual(['1', '2', '3', '2']);
  for (const _ of [1, 2]) await get('4', 2 * BYTES + 1); // more than all
  expect(read.slice(4)).toEqual(['4', '4']);
  await get('2');
  expect(read).toHaveLength(6);
});

test('what is gone is read again, also where it was being read when it went', async () => {
  await get('1');
  await texts.forget('1');
  await get('1');
  expect(read).toEqual(['1', '1']);
  const reading = Promise.withResolvers<Buffer>();
  const asked = texts.get('2', () => reading.promise);
  await texts.forget('2');
  reading.resolve(Buffer.alloc(BYTES));
  await asked;
  await get('2');
  expect(read).toEqual(['1', '1', '2']);
});

test('a failure is not kept', async () => {
  await expect(texts.get('1', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  await get('1');
  expect(read).toEqual(['1']);
});
