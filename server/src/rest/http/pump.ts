import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Of an answer, what may wait in memory for the client to take it. */
const WAITING_BYTES_MAX = 512 * 1024;

/**
 * Sends a stream as an answer, to its end. What comes in one turn of the event loop goes out in one write: a write for each piece costs more than its
 * bytes. Where either of them fails, the other one is ended, too.
 *
 * @throws what the stream fails with; ERR_STREAM_PREMATURE_CLOSE where the client leaves
 */
export async function pump(source: Readable, out: ServerResponse): Promise<void> {
  const flush = (): void => {
    if (out.writableCorked > 0) out.uncork();
  };
  source.on('data', (piece: Buffer) => {
    if (out.writableCorked === 0) {
      out.cork();
      setImmediate(flush);
    }
    out.write(piece);
    if (out.writableLength >= WAITING_BYTES_MAX) source.pause();
  });
  out.on('drain', () => source.resume());
  const sent = async (): Promise<void> => {
    await finished(source, { writable: false });
    flush(); // Node would write the end of a body in chunks before what is corked
    out.end();
  };
  try {
    await Promise.all([sent(), finished(out)]);
  } catch (error) {
    flush(); // the client is to see that something has begun
    source.destroy();
    out.destroy();
    throw error;
  }
}
