import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ArchiveAwayError } from '../imageArchive.ts';
import type { Deadline } from './deadline.ts';

/** A file as it is answered, read as slowly as its reader likes: time runs only while we wait for Orthanc. It fails with an ArchiveAwayError. */
export function answeredFile(
  body: ReadableStream<Uint8Array>,
  deadline: Deadline,
  silenceMsMax: number,
): Readable {
  const reader = body.getReader();
  const next = async (file: Readable): Promise<void> => {
    deadline.start(silenceMsMax);
    try {
      const { done, value } = await reader.read();
      file.push(done ? null : value);
    } catch (error) {
      file.destroy(new ArchiveAwayError('Orthanc breaks off in a file.', { cause: error }));
    } finally {
      deadline.stop();
    }
  };
  return new Readable({
    read() {
      void next(this);
    },
    destroy(error, done) {
      const end = (): void => done(error);
      reader.cancel().then(end, end);
    },
  });
}
