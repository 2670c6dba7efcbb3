import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { fhirError } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BlobPut, BlobStore } from '../store/blob/blobStore.ts';
import { contentText } from '../store/resource/content.ts';
import type { Statement } from '../store/postgres/database.ts';
import type { ExpectedVersion, StoredVersion, WriteResult } from '../store/resource/types.ts';
import type { Store } from '../store/store.ts';
import { applied, requireExpected } from './applied.ts';
import type { Caller } from './caller.ts';
import {
  checkValid,
  prepareCreate,
  preparePut,
  type IncomingResource,
  type PrepareParts,
} from './prepare.ts';
import { noteWrites, type NoteParts } from './provenance/noteWrites.ts';
import { PROVENANCE } from './provenance/provenanceWrites.ts';
import type { Records, Written } from './records.ts';
import { recorded } from './trail/recorded.ts';
import { isSearchUrl } from './transaction/criteria.ts';

/** Raw bytes on their way in. */
export interface BinaryUpload {
  /** Absent: the server chooses one. */
  id?: string;
  /** Media type, as it is given back. */
  contentType: string;
  /** Reference of the resource whose access rules the bytes share (Binary.securityContext). */
  securityContext?: string;
  source: AsyncIterable<Uint8Array>;
  expectedVersion?: ExpectedVersion;
}

/** The bytes of a version of a Binary. */
export interface BinaryContent {
  version: StoredVersion & { content: string };
  contentType: string;
  bytes: number;
  /** Opens the bytes; the reader ends or destroys the stream. */
  open(): Promise<Readable>;
}

/**
 * Binary resources as raw bytes (http://hl7.org/fhir/R4/binary.html#rest). Uploaded bytes lie in the blob storage,
 * streamed in and out; a Binary that was sent as FHIR keeps its `data` in its content.
 */
export class Binaries {
  readonly #store: Store;
  readonly #parts: PrepareParts;
  readonly #records: Records;
  readonly #blobs: BlobStore;
  readonly #bytesMax: number;

  constructor(
    store: Store,
    parts: Omit<PrepareParts, 'indexer'>,
    records: Records,
    blobs: BlobStore,
    bytesMax: number,
  ) {
    this.#store = store;
    this.#parts = { ...parts, indexer: store.indexer };
    this.#records = records;
    this.#blobs = blobs;
    this.#bytesMax = bytesMax;
  }

  /**
   * Stores raw bytes as a new Binary, or as a new version of one.
   *
   * @throws FhirError `forbidden`, `not-found`, `too-large`, `precondition-failed`, `busy`; nothing is changed then
   */
  async upload(caller: Caller, upload: BinaryUpload): Promise<Written> {
    const id = upload.id ?? randomUUID();
    if (upload.id === undefined) this.#records.requireOffered(caller, 'Binary', 'create');
    const value: Resource = { resourceType: 'Binary', id, contentType: upload.contentType };
    if (upload.securityContext !== undefined) value.securityContext = { reference: upload.securityContext };
    await checkValid(this.#parts.validator, value);
    if (isSearchUrl(this.#parts.definitions, upload.securityContext ?? '')) throw contextByCriteria();
    const resource = { value, exact: value };
    let write = await this.#allowed(caller, upload, id, resource); // before the bytes come
    const blob = await this.#blobs.put(upload.source, { bytesMax: this.#bytesMax });
    const result = await this.#kept(blob, async () => {
      for (let attempts = 1; ; attempts += 1) {
        const done = await this.#write(caller, write, blob);
        const isOvertaken = !done.applied && caller.access !== 'unrestricted';
        if (!isOvertaken || attempts === ATTEMPTS_MAX)
          return applied('Binary', id, done, upload.expectedVersion);
        write = await this.#allowed(caller, upload, id, resource); // another has written it since
      }
    });
    caller.trail?.wrote();
    return {
      type: 'Binary',
      id,
      ...result,
      content: contentText(write.content, result.version, result.lastUpdated),
    };
  }

  /** The write, on the version that the caller may write over. */
  async #allowed(
    caller: Caller,
    upload: BinaryUpload,
    id: string,
    resource: IncomingResource,
  ): Promise<ReturnType<typeof prepareCreate> | ReturnType<typeof preparePut>> {
    const { trail } = caller;
    const allowed = await this.#records.writable(caller, id, resource);
    if ('data' in allowed.resource.value) throw dataHidden(); // put back, where what was sent goes beside it
    if (upload.id === undefined)
      return recorded(trail, 'create', prepareCreate(this.#parts, allowed.resource, id));
    if (allowed.version !== undefined) requireExpected('Binary', id, allowed.version, upload.expectedVersion);
    const expected = allowed.version ?? upload.expectedVersion;
    return recorded(trail, 'update', preparePut(this.#parts, allowed.resource, id, expected));
  }

  /** The bytes of the current version, or of the given one. @throws FhirError `not-found`, `gone` */
  async download(caller: Caller, id: string, versionId?: string): Promise<BinaryContent> {
    const version =
      versionId === undefined
        ? await this.#records.read(caller, 'Binary', id)
        : await this.#records.readVersion(caller, 'Binary', id, versionId);
    if (caller.access !== 'unrestricted' && caller.access.hidden('Binary', 'read').includes('data'))
      throw dataHidden();
    const resource = JSON.parse(version.content) as { contentType: string; data?: string };
    const { data } = resource;
    const contentType = mediaTypeOfContent(resource.contentType);
    const blob = data === undefined ? await this.#store.binaryBlobs.find(id, version.version) : undefined;
    if (blob !== undefined) {
      return {
        version,
        contentType,
        bytes: blob.bytes,
        open: async () => (await this.#blobs.get(blob.key)).stream,
      };
    }
    const bytes = Buffer.from(data ?? '', 'base64');
    return { version, contentType, bytes: bytes.length, open: () => Promise.resolve(Readable.from([bytes])) };
  }

  /** True when the bytes of the version lie outside its content. */
  async isRaw(version: StoredVersion): Promise<boolean> {
    return (await this.#store.binaryBlobs.find(version.id, version.version)) !== undefined;
  }

  /**
   * The bytes of a version that the caller has been shown, where they lie outside its content; undefined where they do not, there are none,
   * or they are hidden from the caller.
   */
  async bytesBeside(
    { access }: Caller,
    { id, version }: StoredVersion,
  ): Promise<Pick<BinaryContent, 'bytes' | 'open'> | undefined> {
    if (access !== 'unrestricted' && access.hidden('Binary', 'read').includes('data')) return undefined;
    const blob = await this.#store.binaryBlobs.find(id, version);
    if (blob === undefined || blob.bytes === 0) return undefined;
    return { bytes: blob.bytes, open: async () => (await this.#blobs.get(blob.key)).stream };
  }

  /** What is done with bytes; where it fails, they are not kept. */
  async #kept<T>(blob: BlobPut, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isOutcomeUnknown(error)) await this.#blobs.delete(blob.key);
      throw error;
    }
  }

  /** Where it is not applied, nothing is changed. */
  async #write(
    caller: Caller,
    write: ReturnType<typeof prepareCreate> | ReturnType<typeof preparePut>,
    blob: BlobPut,
  ): Promise<WriteResult> {
    const { provenance, trail } = caller;
    const gate: NoteParts['gate'] = {
      written: async (id, _before, resource) => (await this.#records.writable(caller, id, resource)).resource,
    };
    await this.#store.writer.ensureTypes(provenance ? [write, { type: PROVENANCE }] : [write]);
    return this.#store.writer.againWhenStale(() =>
      this.#store.database.transaction(async (tx) => {
        const query = (statement: Statement) => tx.query(statement);
        const [result] = (await this.#store.writer.writeAll([write], query)) as [WriteResult];
        if (!result.applied) return result;
        await this.#store.binaryBlobs.tie(tx, write.id, result.version, blob);
        const parts = { store: this.#store, prepare: this.#parts, gate, trail };
        if (provenance) await noteWrites(parts, provenance, [{ write, result }], query);
        return result;
      }),
    );
  }
}

/** How often it is written anew, because others were in the way. */
const ATTEMPTS_MAX = 8;

const contextByCriteria = () =>
  fhirError(
    'incorrect',
    'value',
    'X-Security-Context must name one resource, such as Patient/1: criteria are resolved only in a Binary that is sent as FHIR.',
    'Binary.securityContext',
  );

const dataHidden = () =>
  fhirError('forbidden', 'forbidden', 'The bytes of this Binary are hidden from you.', 'Binary.data');

/** After a lost connection the version may stand: then its bytes must not be deleted. */
function isOutcomeUnknown(error: unknown): boolean {
  return (error as { category?: string }).category === 'busy';
}

const MEDIA_TYPE =
  /^[\w.+-]{1,100}\/[\w.+-]{1,100}(\s*;\s*[\w.+-]{1,50}=("[^"\r\n]{0,100}"|[\w.+/-]{1,100}))*$/;

/** @throws FhirError `incorrect` for what is no media type */
export function requireMediaType(text: string): string {
  const type = text.trim();
  if (MEDIA_TYPE.test(type)) return type;
  throw fhirError('incorrect', 'invalid', 'Content-Type must be a media type, such as image/png.');
}

/**
 * The media type under which bytes are given out. Binary.contentType is a code, in which FHIR allows what no header
 * can carry: such bytes are of no known type.
 */
function mediaTypeOfContent(contentType: string): string {
  return MEDIA_TYPE.test(contentType) && isPrintableAscii(contentType)
    ? contentType
    : 'application/octet-stream';
}

const isPrintableAscii = (text: string) => /^[ -~]*$/.test(text);
