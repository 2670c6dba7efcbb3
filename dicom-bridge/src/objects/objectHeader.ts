import { open } from 'node:fs/promises';
import { isUid } from '../identifiers/uid.ts';
import { FileSource, type ByteSource } from '../stored/byteSource.ts';
import type { StoredDataSet } from '../stored/storedDataSet.ts';
import { readStoredObject, type StoredObject } from '../stored/storedObject.ts';
import { readAttributes, type ObjectAttributes } from './attributes.ts';
import { ObjectError } from './objectError.ts';

export { ObjectError } from './objectError.ts';

/** What identifies an object, and what it tells. */
export interface ObjectHeader {
  sopClassUid: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  attributes: ObjectAttributes;
}

const PIXEL_DATA = 0x7fe0_0010;

/** As {@link readHeader}, of a file. */
export async function readObjectHeader(file: string): Promise<ObjectHeader> {
  const handle = await open(file);
  try {
    return await readHeader(await FileSource.of(handle));
  } finally {
    await handle.close();
  }
}

/**
 * Reads what identifies the object in a DICOM file, and sees that its pixels are all there.
 *
 * @throws ObjectError that says what is wrong, without any value of the object
 */
export async function readHeader(source: ByteSource): Promise<ObjectHeader> {
  const object = await readStoredObject(source);
  const { dataSet } = object;
  requireWhole(object);
  return {
    sopClassUid: uidOf(dataSet, 0x0008_0016, 'SOPClassUID'),
    sopInstanceUid: uidOf(dataSet, 0x0008_0018, 'SOPInstanceUID'),
    studyInstanceUid: uidOf(dataSet, 0x0020_000d, 'StudyInstanceUID'),
    seriesInstanceUid: uidOf(dataSet, 0x0020_000e, 'SeriesInstanceUID'),
    attributes: readAttributes(dataSet),
  };
}

/** An encapsulated value tells no length: there, only what comes before it is known to be whole. */
function requireWhole({ dataSet, source }: StoredObject): void {
  const pixels = dataSet.elements.get(PIXEL_DATA);
  if (!pixels || pixels.isEncapsulated) return;
  if (pixels.at + pixels.lengthBytes > source.sizeBytes) throw new ObjectError('Its pixel data are cut off.');
}

function uidOf(dataSet: StoredDataSet, tag: number, name: string): string {
  const value = dataSet.text(tag);
  if (value === undefined || !isUid(value)) throw new ObjectError(`It has no valid ${name}.`);
  return value;
}
