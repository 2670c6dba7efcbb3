import { open } from 'node:fs/promises';
import { constants, inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet } from 'dicom-parser';
import { isUid } from '../identifiers/uid.ts';
import { readAttributes, type ObjectAttributes } from './attributes.ts';

/** What identifies an object, and what it tells. */
export interface ObjectHeader {
  sopClassUid: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  attributes: ObjectAttributes;
}

/** The bytes are no whole DICOM object. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError';
}

/** As much of a file is read to find what identifies it, which comes before the pixels; and as much is inflated of a deflated one. */
const HEADER_BYTES_MAX = 4 * 1024 * 1024;
const PIXEL_DATA = 'x7fe00010';

/**
 * Reads what identifies the object in a DICOM file, and sees that its pixels are all there.
 *
 * @throws ObjectError that says what is wrong, without any value of the object
 */
export async function readObjectHeader(file: string): Promise<ObjectHeader> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, HEADER_BYTES_MAX));
    await handle.read(bytes, 0, bytes.length, 0);
    const dataSet = parse(bytes);
    requireWhole(dataSet, size);
    return {
      sopClassUid: uidOf(dataSet, 'x00080016', 'SOPClassUID'),
      sopInstanceUid: uidOf(dataSet, 'x00080018', 'SOPInstanceUID'),
      studyInstanceUid: uidOf(dataSet, 'x0020000d', 'StudyInstanceUID'),
      seriesInstanceUid: uidOf(dataSet, 'x0020000e', 'SeriesInstanceUID'),
      attributes: readAttributes(dataSet),
    };
  } finally {
    await handle.close();
  }
}

function parse(bytes: Buffer): DataSet {
  try {
    return dicomParser.parseDicom(bytes, { untilTag: PIXEL_DATA, inflater: inflate });
  } catch {
    throw new ObjectError('It cannot be read as a DICOM object.'); // the parser's own words may have values in them
  }
}

/** The file meta information, and as much of what follows as is allowed. */
function inflate(bytes: Uint8Array, position: number): Buffer {
  const head = bytes.subarray(0, position);
  const rest = inflateRawSync(bytes.subarray(position), {
    maxOutputLength: HEADER_BYTES_MAX,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return Buffer.concat([head, rest]);
}

/** An encapsulated value tells no length: there, only what comes before it is known to be whole. */
function requireWhole(dataSet: DataSet, size: number): void {
  const pixels = dataSet.elements[PIXEL_DATA];
  if (!pixels || pixels.hadUndefinedLength || dataSet.byteArray.length > size) return;
  if (pixels.dataOffset + pixels.length > size) throw new ObjectError('Its pixel data are cut off.');
}

function uidOf(dataSet: DataSet, tag: string, name: string): string {
  const value = dataSet.string(tag);
  if (value === undefined || !isUid(value)) throw new ObjectError(`It has no valid ${name}.`);
  return value;
}
