import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { ObjectError } from '../objects/objectError.ts';
import { MemorySource, type ByteSource } from './byteSource.ts';
import { META_TAGS, readMetaInformation } from './metaInformation.ts';
import { scanDataSet, type Reserve } from './scanDataSet.ts';
import type { StoredDataSet } from './storedDataSet.ts';
import { BIG_ENDIAN, DEFLATED, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './transferSyntax.ts';

/** An object of the archive, read as far as its pixel data. */
export interface StoredObject {
  /** Of the file; of a deflated one that which it is in when it is inflated. */
  transferSyntaxUid: string;
  dataSet: StoredDataSet;
  /** In which the positions of its elements are. */
  source: ByteSource;
}

/** A deflated object is held in memory as a whole. */
const DEFLATED_BYTES_MAX = 64 * 1024 * 1024;
const INFLATED_BYTES_MAX = 128 * 1024 * 1024;

const inflate = promisify(inflateRaw);

/** What a byte that is deflated can become at most: two bits for 258 bytes (RFC 1951). */
const INFLATION_MAX = 1032;

/**
 * Reads a DICOM file.
 *
 * @param reserve told of the memory that it takes
 * @throws ObjectError that says what is wrong, without any value of the object; what `reserve` throws
 */
export async function readStoredObject(
  source: ByteSource,
  reserve: Reserve = () => undefined,
): Promise<StoredObject> {
  const { elements, dataSetAt } = await readMetaInformation(source);
  const transferSyntaxUid = elements.text(META_TAGS.transferSyntaxUid);
  if (transferSyntaxUid === undefined) throw new ObjectError('It does not name its transfer syntax.');
  if (transferSyntaxUid === DEFLATED) {
    const inflated = await inflatedFrom(source, dataSetAt, reserve);
    const dataSet = await scanDataSet(inflated, 0, { isExplicit: true, isLittleEndian: true }, reserve);
    return { transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN, dataSet, source: inflated };
  }
  const isExplicit = transferSyntaxUid !== IMPLICIT_LITTLE_ENDIAN;
  const isLittleEndian = transferSyntaxUid !== BIG_ENDIAN;
  return {
    transferSyntaxUid,
    dataSet: await scanDataSet(source, dataSetAt, { isExplicit, isLittleEndian }, reserve),
    source,
  };
}

async function inflatedFrom(source: ByteSource, at: number, reserve: Reserve): Promise<MemorySource> {
  const lengthBytes = source.sizeBytes - at;
  if (lengthBytes > DEFLATED_BYTES_MAX)
    throw new ObjectError('It is deflated, and too large to be inflated.');
  reserve(lengthBytes + Math.min(INFLATED_BYTES_MAX, lengthBytes * INFLATION_MAX));
  try {
    return new MemorySource(
      await inflate(await source.read(at, lengthBytes), { maxOutputLength: INFLATED_BYTES_MAX }),
    );
  } catch {
    throw new ObjectError('It cannot be inflated, or is too large.');
  }
}
