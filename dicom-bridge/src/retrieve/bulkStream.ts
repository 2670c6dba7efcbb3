import { Readable } from 'node:stream';
import type { BulkValue } from '../metadata/bulkData.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import { swapped } from '../stored/byteOrder.ts';

/** Of values of eight bytes at most: none is in two pieces. */
const PIECE_BYTES = 256 * 1024;

/** A value, read as it is taken, in little endian. */
export function bulkStream(source: ByteSource, { at, lengthBytes, swappedBytes }: BulkValue): Readable {
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let done = 0; done < lengthBytes; done += PIECE_BYTES) {
      const piece = await source.read(at + done, Math.min(PIECE_BYTES, lengthBytes - done));
      yield swapped(piece, swappedBytes);
    }
  };
  return Readable.from(pieces(), { objectMode: false });
}
