import dicomParser from 'dicom-parser';
import type { FileMeta } from './fileMeta.ts';
import { ObjectError } from './objectHeader.ts';

/** What a DICOM file says of the data set behind its head. */
export type FileHead = Omit<FileMeta, 'sourceAeTitle'>;

/** Preamble, `DICM`, and the element of group 0002 that tells the length of the rest of the group (PS3.10 section 7.1). */
const GROUP_LENGTH_END = 144;
const GROUP_LENGTH_AT = 140;
/** Files of others may have private information in their group 0002. */
const HEAD_BYTES_MAX = 1024 * 1024;

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
  const end = GROUP_LENGTH_END + groupLength(start);
  if (end > HEAD_BYTES_MAX) throw new ObjectError('Its file meta information is too long.');
  const bytes = await atLeast(chunks, start, end);
  return { head: parse(bytes.subarray(0, end)), beginning: bytes.subarray(end) };
}

function groupLength(start: Buffer): number {
  const isFile = start.toString('latin1', 128, 132) === 'DICM' && start.readUInt32LE(132) === 0x0000_0002;
  if (!isFile) throw new ObjectError('It is no DICOM file with a group length (PS3.10 section 7.1).');
  return start.readUInt32LE(GROUP_LENGTH_AT);
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

function parse(bytes: Buffer): FileHead {
  const text = textsOf(bytes);
  return {
    sopClassUid: text('x00020002'),
    sopInstanceUid: text('x00020003'),
    transferSyntaxUid: text('x00020010'),
  };
}

/** Reads elements of the head by tag; '' where there is none. */
function textsOf(bytes: Buffer): (tag: string) => string {
  try {
    const meta = dicomParser.readPart10Header(bytes);
    return (tag) => meta.string(tag) ?? '';
  } catch {
    throw new ObjectError('Its file meta information cannot be read.'); // the parser's own words may have values in them
  }
}
