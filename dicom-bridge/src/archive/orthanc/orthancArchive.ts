import { openAsBlob } from 'node:fs';
import type { Readable } from 'node:stream';
import { isUid } from '../../identifiers/uid.ts';
import { dataSetHash } from '../../objects/dataSetHash.ts';
import { ArchiveRefusedError, type ArchiveObject, type ImageArchive } from '../imageArchive.ts';
import type { Orthanc } from './orthanc.ts';

/** Objects in Orthanc. It must not overwrite instances (`OverwriteInstances: false`): what it has under a UID stays what it was. */
export class OrthancArchive implements ImageArchive {
  readonly #orthanc: Orthanc;

  constructor(orthanc: Orthanc) {
    this.#orthanc = orthanc;
  }

  /** Orthanc says `AlreadyStored` of other content too, and drops it: what it has is compared. */
  async store(object: ArchiveObject): Promise<void> {
    requireUid(object.sopInstanceUid);
    const { ID: id, Status: status } = await this.#orthanc.store(await openAsBlob(object.path));
    if (status === 'Success') return;
    const file = await this.#orthanc.file(id);
    if (!file || (await dataSetHash(file)) !== object.sha256)
      throw new ArchiveRefusedError('Orthanc has another object under its UID.');
  }

  async has(sopInstanceUid: string): Promise<boolean> {
    return (await this.#find(sopInstanceUid)) !== undefined;
  }

  async read(sopInstanceUid: string): Promise<Readable | undefined> {
    const id = await this.#find(sopInstanceUid);
    return id === undefined ? undefined : this.#orthanc.file(id);
  }

  async remove(sopInstanceUid: string): Promise<void> {
    requireUid(sopInstanceUid);
    for (const id of await this.#orthanc.instances(sopInstanceUid)) await this.#orthanc.remove(id);
  }

  async #find(sopInstanceUid: string): Promise<string | undefined> {
    requireUid(sopInstanceUid);
    return (await this.#orthanc.instances(sopInstanceUid))[0];
  }
}

function requireUid(text: string): void {
  if (!isUid(text)) throw new ArchiveRefusedError('The SOP Instance UID is not valid.');
}
