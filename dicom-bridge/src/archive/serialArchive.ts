import type { Readable } from 'node:stream';
import { Turns } from '../spool/turns.ts';
import type { ArchiveObject, ImageArchive } from './imageArchive.ts';

/** An archive in which what has one UID is stored and removed one after the other, so that it is known what is there in the end. */
export class SerialArchive implements ImageArchive {
  readonly #archive: ImageArchive;
  readonly #turns = new Turns();

  constructor(archive: ImageArchive) {
    this.#archive = archive;
  }

  store(object: ArchiveObject): Promise<void> {
    return this.#turns.take(object.sopInstanceUid, () => this.#archive.store(object));
  }

  has(sopInstanceUid: string): Promise<boolean> {
    return this.#archive.has(sopInstanceUid);
  }

  read(sopInstanceUid: string): Promise<Readable | undefined> {
    return this.#archive.read(sopInstanceUid);
  }

  remove(sopInstanceUid: string): Promise<void> {
    return this.#turns.take(sopInstanceUid, () => this.#archive.remove(sopInstanceUid));
  }
}
