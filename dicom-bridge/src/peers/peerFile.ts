import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { Peer } from './peer.ts';

const FILE_MODE = 0o600;

/** The peers that the record had when it answered last: for a start without the server. */
export class PeerFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Undefined: the record has never said. */
  read(): Peer[] | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Peer[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole or not at all. */
  async write(peers: readonly Peer[]): Promise<void> {
    const part = `${this.#file}.part`;
    const handle = await open(part, 'w', FILE_MODE);
    try {
      await handle.writeFile(JSON.stringify(peers));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(part, this.#file);
  }
}
