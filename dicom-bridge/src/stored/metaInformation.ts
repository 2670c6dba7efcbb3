import { ObjectError } from '../objects/objectError.ts';
import { MemorySource, type ByteSource } from './byteSource.ts';
import { scanDataSet } from './scanDataSet.ts';
import type { StoredDataSet } from './storedDataSet.ts';

/** Group 0002 of a file. */
export interface MetaInformation {
  elements: StoredDataSet;
  /** Where the data set begins. */
  dataSetAt: number;
}

export const META_TAGS = {
  sopClassUid: 0x0002_0002,
  sopInstanceUid: 0x0002_0003,
  transferSyntaxUid: 0x0002_0010,
  sourceAeTitle: 0x0002_0016,
} as const;

/** Preamble, `DICM`, and the element that tells the length of the others (PS3.10 section 7.1). */
const MAGIC_AT = 128;
const META_AT = 132;
export const GROUP_LENGTH_END = 144;
const GROUP_LENGTH_AT = 140;
const GROUP_LENGTH_TAG = 0x0000_0002; // as its bytes are read in one
/** Files of others may have private information in it. */
const META_BYTES_MAX = 1024 * 1024;

/** Where the data set begins, by the first bytes of a file. @param head of GROUP_LENGTH_END bytes @throws ObjectError */
export function dataSetPosition(head: Buffer): number {
  const isFile =
    head.toString('latin1', MAGIC_AT, META_AT) === 'DICM' && head.readUInt32LE(META_AT) === GROUP_LENGTH_TAG;
  if (!isFile) throw new ObjectError('It is no DICOM file with a group length (PS3.10 section 7.1).');
  const lengthBytes = head.readUInt32LE(GROUP_LENGTH_AT);
  if (lengthBytes > META_BYTES_MAX) throw new ObjectError('Its file meta information is too long.');
  return GROUP_LENGTH_END + lengthBytes;
}

/** Reads the meta information of a DICOM file. @throws ObjectError */
export async function readMetaInformation(source: ByteSource): Promise<MetaInformation> {
  const dataSetAt = dataSetPosition(await source.read(0, GROUP_LENGTH_END));
  const meta = new MemorySource(await source.read(GROUP_LENGTH_END, dataSetAt - GROUP_LENGTH_END));
  return { elements: await scanDataSet(meta, 0, { isExplicit: true, isLittleEndian: true }), dataSetAt };
}
