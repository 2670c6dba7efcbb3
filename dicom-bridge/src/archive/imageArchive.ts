import type { Readable } from 'node:stream';

/** An object that is to be kept. */
export interface ArchiveObject {
  sopInstanceUid: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  /** Of the data set, hexadecimal. */
  sha256: string;
  /** A DICOM file (PS3.10). */
  path: string;
}

/** It cannot be asked now: try again later. */
export class ArchiveAwayError extends Error {
  override readonly name = 'ArchiveAwayError';
}

/** It does not take the object, however often it is tried. */
export class ArchiveRefusedError extends Error {
  override readonly name = 'ArchiveRefusedError';
}

/** Where objects are kept for good. All that is asked of it may be asked again. */
export interface ImageArchive {
  /**
   * Keeps an object: when it returns, the archive has it.
   * @throws ArchiveAwayError, ArchiveRefusedError; the latter also where it has another object under the UID
   */
  store(object: ArchiveObject): Promise<void>;
  /** Whether it has the object. @throws ArchiveAwayError */
  has(sopInstanceUid: string): Promise<boolean>;
  /** The object as a DICOM file; undefined where there is none. @throws ArchiveAwayError */
  read(sopInstanceUid: string): Promise<Readable | undefined>;
  /** Removes it for good; nothing where there is none. @throws ArchiveAwayError */
  remove(sopInstanceUid: string): Promise<void>;
}
