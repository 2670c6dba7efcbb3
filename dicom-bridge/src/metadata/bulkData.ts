import type { ByteRange } from '../frames/fragments.ts';
import { valueBytesOf } from '../stored/byteOrder.ts';
import type { StoredDataSet, StoredElement } from '../stored/storedDataSet.ts';

/** A tag, then the number of an item and a tag, as often as there are sequences: `00880200/0/7FE00010`. */
const PATH = /^[0-9A-F]{8}(?:\/\d{1,6}\/[0-9A-F]{8}){0,32}$/;

/** Where a value is, and how many bytes of it change their places when the byte order does. */
export interface BulkValue extends ByteRange {
  /** 1 where they stay. */
  swappedBytes: number;
}

/** Where a binary value is, by the path that the metadata give for it; undefined where there is none. */
export function findBulk(dataSet: StoredDataSet, path: string): BulkValue | undefined {
  if (!PATH.test(path)) return undefined;
  const steps = path.split('/');
  let [found, inside]: [StoredElement | undefined, StoredDataSet | undefined] = [undefined, dataSet];
  for (let at = 0; at < steps.length; at += 2) {
    found = inside?.elements.get(Number.parseInt(steps[at]!, 16));
    inside = found?.items?.[Number(steps[at + 1])];
  }
  if (!found || found.items || (found.isEncapsulated && found.lengthBytes === 0)) return undefined; // of pixels, frames are asked for
  const { at, lengthBytes, vr, isEncapsulated } = found;
  return { at, lengthBytes, swappedBytes: dataSet.isLittleEndian || isEncapsulated ? 1 : valueBytesOf(vr) };
}
