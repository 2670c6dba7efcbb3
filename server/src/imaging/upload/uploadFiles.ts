import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, readdir, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { fhirError } from '../../fhir/outcome.ts';
import { Turns, untilStopped } from './turns.ts';
import { fileAt, type WholeFile } from './wholeFile.ts';

/** An upload that goes on. */
export interface UploadState {
  id: string;
  /** Bytes that the file has when it is whole, and that have come. */
  length: number;
  offset: number;
  expiresAtMs: number;
}

/** Of one file. */
export const UPLOAD_BYTES_MAX = 256 * 2 ** 20;
/** Uploads of one caller at a time, and what they have when they are whole: nobody is to keep the others from theirs. */
const OF_ONE_MAX = 100;
const OF_ONE_BYTES_MAX = 4 * 2 ** 30;
/** Of all uploads that are not taken yet, when they are whole. */
const ALL_BYTES_MAX = 16 * 2 ** 30;
/** After its last byte came. */
const KEPT_MS = 24 * 60 * 60_000;
const ID = /^[0-9a-f]{32}$/;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

interface Note {
  owner: string;
  length: number;
}

/** Files that come in pieces, each upload for who began it. They are there again after a restart, and go after a day without a byte. */
export class UploadFiles {
  readonly #folder: string;
  readonly #turns = new Turns();
  /** One is made after the other: each must see what room those before it have taken. */
  #made: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param owner identity of the caller @throws FhirError `too-large`, `throttled` */
  async create(owner: string, length: number): Promise<UploadState> {
    if (length > UPLOAD_BYTES_MAX)
      throw fhirError('too-large', 'too-long', `An upload takes ${UPLOAD_BYTES_MAX} bytes at most.`);
    const made = this.#made.then(() => this.#make({ owner: hashed(owner), length }));
    this.#made = made.catch(() => undefined); // told to whoever began it
    return this.find(owner, await made);
  }

  /** @returns its id */
  async #make(note: Note): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    await this.#makeRoom(note);
    const id = randomBytes(16).toString('hex');
    await writeFile(this.#bytes(id), '', { mode: FILE_MODE, flush: true });
    await writeFile(this.#note(id), JSON.stringify(note), { mode: FILE_MODE, flush: true });
    return id;
  }

  /** How far it is; whatever still came for it is given up. @throws FhirError `not-found` */
  async find(owner: string, id: string): Promise<UploadState> {
    return this.#turns.take(id, () => this.#state(owner, id));
  }

  /**
   * Adds what comes; also what comes of a request that is broken off is kept.
   *
   * @returns how far it is then
   * @throws FhirError `not-found`, `conflict` where it is not as far as that, `too-large` for more than the file has
   */
  async append(
    owner: string,
    id: string,
    offset: number,
    body: AsyncIterable<Uint8Array>,
  ): Promise<UploadState> {
    return this.#turns.take(id, async (signal) => {
      const state = await this.#state(owner, id);
      if (state.offset !== offset) throw elsewhere(state.offset);
      const handle = await open(this.#bytes(id), 'r+');
      try {
        let at = offset;
        for await (const piece of untilStopped(body, signal)) {
          if (at + piece.length > state.length) {
            await handle.truncate(offset);
            throw fhirError(
              'too-large',
              'too-long',
              'More was sent than Upload-Length says: nothing of it is kept.',
            );
          }
          await writeAll(handle, piece, at);
          at += piece.length;
        }
      } finally {
        await handle.datasync();
        await handle.close();
      }
      return this.#state(owner, id);
    });
  }

  /** The whole file. @throws FhirError `not-found`, also when it is opened; `conflict` */
  async read(owner: string, id: string): Promise<WholeFile> {
    const { offset, length } = await this.find(owner, id);
    if (offset !== length)
      throw fhirError('conflict', 'processing', 'The upload is not whole yet: send the rest of it first.');
    const file = await fileAt(this.#bytes(id)).catch(ifGone);
    return { ...file, open: () => file.open().catch(ifGone) };
  }

  /** @throws FhirError `not-found` */
  async remove(owner: string, id: string): Promise<void> {
    await this.#turns.take(id, async () => {
      await this.#state(owner, id);
      await this.#forget(id);
    });
  }

  async #state(owner: string, id: string): Promise<UploadState> {
    const note = ID.test(id) ? await this.#noteOf(id) : undefined;
    if (note?.owner !== hashed(owner)) throw notThere();
    const { size, mtimeMs } = await stat(this.#bytes(id));
    if (mtimeMs + KEPT_MS < Date.now()) throw notThere();
    return { id, length: note.length, offset: size, expiresAtMs: mtimeMs + KEPT_MS };
  }

  async #noteOf(id: string): Promise<Note | undefined> {
    try {
      return JSON.parse(await readFile(this.#note(id), 'utf8')) as Note;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Removes those whose time is over, and what is left of none. */
  async removeExpired(): Promise<void> {
    await this.#going();
  }

  /** Those whose time is over go; then one more must have room. */
  async #makeRoom({ owner, length }: Note): Promise<void> {
    const going = await this.#going();
    const own = going.filter((one) => one.owner === owner);
    if (own.length >= OF_ONE_MAX || bytesOf(own) + length > OF_ONE_BYTES_MAX)
      throw full('Too many of your uploads are not done: finish or delete some of them first.');
    if (bytesOf(going) + length > ALL_BYTES_MAX)
      throw full('Too many uploads of others are not done: try again later.');
  }

  /** Those that can go on; whatever else is there goes, unless it is about to be one. */
  async #going(): Promise<Note[]> {
    const going: Note[] = [];
    for (const id of new Set((await this.#names()).map((name) => path.parse(name).name))) {
      if (await this.#isOld(id)) {
        await this.#forget(id);
        continue;
      }
      const note = await this.#noteOf(id);
      if (note) going.push(note);
    }
    return going;
  }

  async #names(): Promise<string[]> {
    return readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []; // nobody has ever begun one
      throw error;
    });
  }

  /** Also without bytes: they are there before the note is. */
  async #isOld(id: string): Promise<boolean> {
    const found = await stat(this.#bytes(id)).catch(() => undefined);
    return !found || found.mtimeMs + KEPT_MS < Date.now();
  }

  async #forget(id: string): Promise<void> {
    await rm(this.#note(id), { force: true });
    await rm(this.#bytes(id), { force: true });
  }

  #bytes(id: string): string {
    return path.join(this.#folder, `${id}.part`);
  }

  #note(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }
}

/** A disk that is nearly full takes a part of it: what were left out would be a hole in the file. @throws FhirError `busy` where it is full */
async function writeAll(handle: FileHandle, piece: Uint8Array, at: number): Promise<void> {
  try {
    for (let done = 0; done < piece.length;) {
      const { bytesWritten } = await handle.write(piece, done, piece.length - done, at + done);
      done += bytesWritten;
    }
  } catch (error) {
    throw isFull(error) ? noRoom() : error;
  }
}

const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

const noRoom = () =>
  fhirError('busy', 'transient', 'The disk for uploads is full: ask by HEAD, and go on later.');

const hashed = (owner: string): string => createHash('sha256').update(owner).digest('hex');

const bytesOf = (notes: readonly Note[]): number => notes.reduce((sum, one) => sum + one.length, 0);

const full = (text: string) => fhirError('throttled', 'throttled', text);

/** Somebody else has taken or removed it since. @throws FhirError `not-found`, or what it is */
function ifGone(error: unknown): never {
  throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? notThere() : error;
}

const notThere = () =>
  fhirError('not-found', 'not-found', 'There is no such upload, it is not yours, or its time is over.');

const elsewhere = (offset: number) =>
  fhirError('conflict', 'conflict', `The upload is at ${offset}: ask by HEAD, and go on from there.`);
