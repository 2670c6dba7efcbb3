import { ObjectError } from '../objects/objectError.ts';
import type { ByteSource } from '../stored/byteSource.ts';

/** Bytes of a source. */
export interface ByteRange {
  at: number;
  lengthBytes: number;
}

/** Encapsulated pixel data (PS3.5 section A.4). */
export interface Fragments {
  /** Of the Basic Offset Table: where frames begin, counted from the first fragment. Empty where the table is. */
  basicOffsets: number[];
  /** Where the first fragment's item begins. */
  firstAt: number;
  fragments: ByteRange[];
}

const ITEM = 0xfffe_e000;
const SEQUENCE_END = 0xfffe_e0dd;
const HEAD_BYTES = 8;
/** A fragment of a few bytes each would make more of them than any image has. */
const FRAGMENTS_MAX = 2_000_000;

/**
 * Finds the fragments, reading their heads only.
 *
 * @param at where the item of the Basic Offset Table begins
 * @throws ObjectError
 */
export async function findFragments(source: ByteSource, at: number): Promise<Fragments> {
  const table = await readItem(source, at);
  if (!table) throw new ObjectError('Its pixel data have no offset table.');
  const offsets = await source.read(table.at, table.lengthBytes);
  const firstAt = table.at + table.lengthBytes;
  const fragments: ByteRange[] = [];
  for (
    let next = await readItem(source, firstAt);
    next;
    next = await readItem(source, next.at + next.lengthBytes)
  ) {
    fragments.push(next);
    if (fragments.length > FRAGMENTS_MAX)
      throw new ObjectError(`It has more than ${FRAGMENTS_MAX} fragments.`);
  }
  const basicOffsets = Array.from({ length: Math.floor(offsets.length / 4) }, (_, index) =>
    offsets.readUInt32LE(index * 4),
  );
  return { basicOffsets, firstAt, fragments };
}

/** @returns undefined at the end of the sequence */
async function readItem(source: ByteSource, at: number): Promise<ByteRange | undefined> {
  const head = await source.read(at, HEAD_BYTES);
  const tag = head.readUInt16LE(0) * 0x1_0000 + head.readUInt16LE(2);
  if (tag === SEQUENCE_END) return undefined;
  const lengthBytes = head.readUInt32LE(4);
  if (tag !== ITEM || at + HEAD_BYTES + lengthBytes > source.sizeBytes)
    throw new ObjectError('Its pixel data are cut off.');
  return { at: at + HEAD_BYTES, lengthBytes };
}
