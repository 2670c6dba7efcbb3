import { expect, test } from '@jest/globals';
import { ObjectPlaces } from '../../../src/imaging/retrieve/objectPlaces.ts';

const OBJECT = '1.2.3.1';
const LISTED = { seriesInstanceUid: '1.2.9', sopInstanceUid: OBJECT };
const { signal } = new AbortController();

/** Places of one object, of a study that can be changed, and how often it was asked. */
function openPlaces() {
  const object = { study: '1.2.1', asked: 0 };
  const places = new ObjectPlaces({
    elements: () => {
      object.asked += 1;
      const uid = (value: string) => ({ vr: 'UI', Value: [value] });
      return Promise.resolve({
        '0020000D': uid(object.study),
        '0020000E': uid(LISTED.seriesInstanceUid),
      });
    },
  });
  return { object, places };
}

test('an object is asked once of what study it is', async () => {
  const { object, places } = openPlaces();
  await places.require('1.2.1', LISTED, signal);
  await places.require('1.2.1', LISTED, signal);
  expect(object.asked).toBe(1);
  await expect(places.require('1.2.2', LISTED, signal)).rejects.toThrow();
});

test('an object that was erased, and has come again in another study, is found there', async () => {
  const { object, places } = openPlaces();
  await places.require('1.2.1', LISTED, signal);
  object.study = '1.2.2';
  await places.require('1.2.2', LISTED, signal);
  await expect(places.require('1.2.1', LISTED, signal)).rejects.toThrow();
});
