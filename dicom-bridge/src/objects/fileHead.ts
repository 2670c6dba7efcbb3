import { MemorySource } from '../stored/byteSource.ts';
import {
  dataSetPosition,
  GROUP_LENGTH_END,
  META_TAGS,
  readMetaInformation,
} from '../stored/metaInformation.ts';
import type { FileMeta } from './fileMeta.ts';
import { ObjectError } from './objectError.ts';

/** What a DICOM file says of the data set behind its head. */
export type FileHead = Omit<FileMeta, 'sourceAeTitle'>;

/**
 * Reads the head of a DICOM file from the chunks that it comes in.
 *
 * @returns what it says, and the beginning of the data set as far as it has come
 * @throws ObjectError where the chunks are no DICOM file
 */
export async function readFileHead(
  chunks: AsyncIterator<Buffer>,
): Promise<{ head: FileHead; beginning: Buffer }> {
  const start = await atLeast(chunks, Buffer.alloc(0), GROUP_LENGTH_END);
  const end = dataSetPosition(start);
  const bytes = await atLeast(chunks, start, end);
  return { head: await readHead(bytes.subarray(0, end)), beginning: bytes.subarray(end) };
}

async function atLeast(chunks: AsyncIterator<Buffer>, bytes: Buffer, length: number): Promise<Buffer> {
  const gathered = [bytes];
  let count = bytes.length;
  while (count < length) {
    const { done, value } = await chunks.next();
    if (done) throw new ObjectError('It ends before its data set.');
    gathered.push(value);
    count += value.length;
  }
  return gathered.length === 1 ? bytes : Buffer.concat(gathered);
}

async function readHead(bytes: Buffer): Promise<FileHead> {
  const { elements } = await readMetaInformation(new MemorySource(bytes));
  const text = (tag: number) => elements.text(tag) ?? '';
  return {
    sopClassUid: text(META_TAGS.sopClassUid),
    sopInstanceUid: text(META_TAGS.sopInstanceUid),
    transferSyntaxUid: text(META_TAGS.transferSyntaxUid),
  };
}
