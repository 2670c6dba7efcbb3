import { createHash } from 'node:crypto';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Preamble, `DICM`, and the first element of group 0002, which tells the length of the rest of the group (PS3.10 section 7.1). */
const GROUP_LENGTH_END = 144;
const GROUP_LENGTH_AT = 140;
const MAGIC_AT = 128;

/**
 * SHA-256 over the data set of a DICOM file, in hexadecimal: all behind group 0002, which programs write each in their way.
 *
 * @throws RangeError where the file does not begin as one
 */
export async function dataSetHash(file: Readable): Promise<string> {
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  /** Bytes to leave out; unknown while the head is not whole. */
  let skip: number | undefined;
  const take = (chunk: Buffer): void => {
    if (skip === undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < GROUP_LENGTH_END) return;
      skip = dataSetAt(head);
      chunk = head;
    }
    const left = Math.min(skip, chunk.length);
    skip -= left;
    hash.update(chunk.subarray(left));
  };
  await pipeline(
    file,
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        try {
          take(chunk);
          done();
        } catch (error) {
          done(error as Error);
        }
      },
    }),
  );
  if (skip !== 0) throw new RangeError('The file ends before its data set.');
  return hash.digest('hex');
}

function dataSetAt(head: Buffer): number {
  const isFile = head.toString('latin1', MAGIC_AT, MAGIC_AT + 4) === 'DICM';
  if (!isFile || head.readUInt32LE(MAGIC_AT + 4) !== 0x0000_0002) {
    throw new RangeError('The file is not a DICOM file with a group length.');
  }
  return GROUP_LENGTH_END + head.readUInt32LE(GROUP_LENGTH_AT);
}
