import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ArchiveAwayError, ArchiveRefusedError } from '../imageArchive.ts';

export interface OrthancOptions {
  /** Of its REST interface. */
  url: string;
  username: string;
  password: string;
  /** For one request to be answered. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

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
  async store(file: ReadableStream | Blob): Promise<StoredInstance> {
    const response = await this.#ask('POST', '/instances', file);
    return (await response.json()) as StoredInstance;
  }

  /** Its own ids of the objects with a SOP Instance UID: more than one where patients share it. */
  async instances(sopInstanceUid: string): Promise<string[]> {
    const response = await this.#ask('POST', '/tools/lookup', sopInstanceUid);
    const found = (await response.json()) as { ID: string; Type: string }[];
    return found.filter(({ Type }) => Type === 'Instance').map(({ ID }) => ID);
  }

  /** The DICOM file of one of its objects; undefined where it is gone. */
  async file(id: string): Promise<Readable | undefined> {
    const response = await this.#ask('GET', `/instances/${id}/file`, undefined, [404]);
    if (response.status === 404 || !response.body) return undefined;
    return Readable.fromWeb(response.body as ReadableStream);
  }

  async remove(id: string): Promise<void> {
    await (await this.#ask('DELETE', `/instances/${id}`, undefined, [404])).arrayBuffer();
  }

  /** @param others statuses that are no faults besides 2xx */
  async #ask(
    method: string,
    path: string,
    body?: ReadableStream | Blob | string,
    others: readonly number[] = [],
  ): Promise<Response> {
    const init = {
      method,
      headers: { authorization: this.#authorization },
      signal: AbortSignal.timeout(this.#timeoutMs),
      redirect: 'error',
      ...(body !== undefined && { body, duplex: 'half' }),
    } as RequestInit;
    const response = await fetch(this.#base + path, init).catch((error: unknown) => {
      throw new ArchiveAwayError('Orthanc does not answer.', { cause: error });
    });
    if (response.ok || others.includes(response.status)) return response;
    await response.arrayBuffer();
    if (response.status === 400 || response.status === 415)
      throw new ArchiveRefusedError(`Orthanc refuses it: status ${response.status}.`);
    throw new ArchiveAwayError(`Orthanc answers ${method} with status ${response.status}.`);
  }
}
