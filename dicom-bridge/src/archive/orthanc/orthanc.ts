import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ArchiveAwayError, ArchiveRefusedError } from '../imageArchive.ts';
import { answeredFile } from './answeredFile.ts';
import { Deadline } from './deadline.ts';

export interface OrthancOptions {
  /** Of its REST interface. */
  url: string;
  username: string;
  password: string;
  /** For one request to be answered; of a file, for its next bytes. A file that is sent has time for its length besides. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
/** By a slow link. */
const SENT_BYTES_PER_MS = (2 * 2 ** 20) / 1_000;

interface Asked {
  body?: Blob | string;
  /** Statuses that are no faults besides 2xx. */
  others?: readonly number[];
}

/** What is answered, with the time that runs for the rest of it. */
interface Answered {
  response: Response;
  deadline: Deadline;
}

/** What Orthanc says of an object that it was sent (`POST /instances`). */
export interface StoredInstance {
  ID: string;
  /** `Success` or `AlreadyStored`: the latter whatever the content. */
  Status: string;
}

/** As much of Orthanc's REST interface as the bridge needs. Paths are built from what Orthanc itself has told, never from names of others. */
export class Orthanc {
  readonly #base: string;
  readonly #authorization: string;
  readonly #timeoutMs: number;

  constructor({ url, username, password, timeoutMs = TIMEOUT_MS }: OrthancOptions) {
    this.#base = url.replace(/\/+$/, '');
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a DICOM file. */
  store(file: Blob): Promise<StoredInstance> {
    return this.#read('POST', '/instances', { body: file }, async (response) =>
      response.json(),
    ) as Promise<StoredInstance>;
  }

  /** Its own ids of the objects with a SOP Instance UID: more than one where patients share it. */
  async instances(sopInstanceUid: string): Promise<string[]> {
    const asked = { body: sopInstanceUid };
    const found = await this.#read('POST', '/tools/lookup', asked, async (response) => response.json());
    return (found as { ID: string; Type: string }[])
      .filter(({ Type }) => Type === 'Instance')
      .map(({ ID }) => ID);
  }

  /** The DICOM file of one of its objects; undefined where it is gone. */
  async file(id: string): Promise<Readable | undefined> {
    const { response, deadline } = await this.#ask('GET', `/instances/${id}/file`, { others: [404] });
    deadline.stop();
    if (response.status === 404) await response.body?.cancel();
    if (response.status === 404 || !response.body) return undefined;
    return answeredFile(response.body as ReadableStream<Uint8Array>, deadline, this.#timeoutMs);
  }

  async remove(id: string): Promise<void> {
    await this.#read('DELETE', `/instances/${id}`, { others: [404] }, async (response) =>
      response.arrayBuffer(),
    );
  }

  /** Asks, and reads the whole answer. */
  async #read(
    method: string,
    path: string,
    asked: Asked,
    read: (response: Response) => Promise<unknown>,
  ): Promise<unknown> {
    const { response, deadline } = await this.#ask(method, path, asked);
    try {
      return await read(response);
    } catch (error) {
      throw new ArchiveAwayError('Orthanc breaks off in an answer.', { cause: error });
    } finally {
      deadline.stop();
    }
  }

  /** Whoever takes the answer stops its deadline. */
  async #ask(method: string, path: string, { body, others = [] }: Asked): Promise<Answered> {
    const deadline = new Deadline();
    const sentBytes = body instanceof Blob ? body.size : 0;
    deadline.start(this.#timeoutMs + sentBytes / SENT_BYTES_PER_MS);
    const init: RequestInit = {
      method,
      headers: { authorization: this.#authorization },
      signal: deadline.signal,
      redirect: 'error',
      ...(body !== undefined && { body }),
    };
    try {
      const response = await fetch(this.#base + path, init);
      if (response.ok || others.includes(response.status)) return { response, deadline };
      await response.arrayBuffer();
      throw faultOf(method, response.status);
    } catch (error) {
      deadline.stop();
      if (error instanceof ArchiveAwayError || error instanceof ArchiveRefusedError) throw error;
      throw new ArchiveAwayError('Orthanc does not answer.', { cause: error });
    }
  }
}

const faultOf = (method: string, status: number): Error =>
  status === 400 || status === 415
    ? new ArchiveRefusedError(`Orthanc refuses it: status ${status}.`)
    : new ArchiveAwayError(`Orthanc answers ${method} with status ${status}.`);
