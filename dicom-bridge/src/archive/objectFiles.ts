import type { FileHandle } from 'node:fs/promises';

/** Where objects of the archive are to be had as files, of which pieces are read. */
export interface ObjectFiles {
  /**
   * Opens the DICOM file of an object, which whoever asks for it closes.
   *
   * @returns undefined where there is none
   * @throws ArchiveAwayError, ArchiveRefusedError for what is no UID
   */
  open(sopInstanceUid: string): Promise<FileHandle | undefined>;
}
