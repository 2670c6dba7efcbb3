import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';

/** A file that is all there. It may be large: it is read as it is sent on. */
export interface WholeFile {
  bytes: number;
  /** What it begins with, as much as tells its kind. */
  head: Buffer;
  /** Whoever opens it reads it to its end, or destroys it. */
  open(): Promise<Readable>;
}

const HEAD_BYTES = 132;

export const fileOfBytes = (bytes: Buffer): WholeFile => ({
  bytes: bytes.length,
  head: bytes.subarray(0, HEAD_BYTES),
  open: () => Promise.resolve(Readable.from([bytes])),
});

/** @throws of the file system, as `open` of what it returns does: it may have been removed meanwhile */
export async function fileAt(path: string): Promise<WholeFile> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return {
      bytes: size,
      head: buffer.subarray(0, bytesRead),
      open: async () => (await open(path)).createReadStream(),
    };
  } finally {
    await handle.close();
  }
}
