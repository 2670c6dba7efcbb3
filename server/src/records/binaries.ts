import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { fhirError } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BlobPut, BlobStore } from '../store/blob/blobStore.ts';
import { contentText } from '../store/resource/content.ts';
import type { Statement } from '../store/postgres/database.ts';
import type { StoredVersion, WriteResult } from '../store/resource/types.ts';
import type { Store } from '../store/store.ts';
import { applied } from './applied.ts';
import type { Caller } from './caller.ts';
import { requireUnrestricted } from './gate/refusals.ts';
import { checkValid, prepareCreate, preparePut, type PrepareParts } from './prepare.ts';
import { noteWrites } from './provenance/noteWrites.ts';
import { PROVENANCE } from './provenance/provenanceWrites.ts';
import type { Records, Written } from './records.ts';
import { recorded } from './trail/recorded.ts';

/** Raw bytes on their way in. */
export interface BinaryUpload {
  /** Absent: the server chooses one. */
  id?: string;
  /** Media type, as it is given back. */
  contentType: string;
  /** Reference of the resource whose access rules the bytes share (Binary.securityContext). */
  securityContext?: string;
  source: AsyncIterable<Uint8Array>;
  expectedVersion?: number;
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
   * @throws FhirError `too-large`, `precondition-failed`, `busy`; nothing is changed then
   */
  async upload(caller: Caller, upload: BinaryUpload): Promise<Written> {
    requireUnrestricted(caller, 'A Binary sent as raw bytes');
    const id = upload.id ?? randomUUID();
    const value: Resource = { resourceType: 'Binary', id, contentType: upload.contentType };
    if (upload.securityContext !== undefined) value.securityContext = { reference: upload.securityContext };
    await checkValid(this.#parts.validator, value);
    const resource = { value, exact: value };
    const { trail } = caller;
    const write =
      upload.id === undefined
        ? recorded(trail, 'create', prepareCreate(this.#parts, resource, id))
        : recorded(trail, 'update', preparePut(this.#parts, resource, id, upload.expectedVersion));
    const blob = await this.#blobs.put(upload.source, { bytesMax: this.#bytesMax });
    const result = await this.#write(caller, write, blob);
    trail?.wrote();
    return {
      type: 'Binary',
      id,
      ...result,
      content: contentText(write.content, result.version, result.lastUpdated),
    };
  }

  /** The bytes of the current version, or of the given one. @throws FhirError `not-found`, `gone` */
  async download(caller: Caller, id: string, versionId?: string): Promise<BinaryContent> {
    const version =
      versionId === undefined
        ? await this.#records.read(caller, 'Binary', id)
        : await this.#records.readVersion(caller, 'Binary', id, versionId);
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

  async #write(
    { provenance, trail }: Caller,
    write: ReturnType<typeof prepareCreate> | ReturnType<typeof preparePut>,
    blob: BlobPut,
  ) {
    try {
      await this.#store.writer.ensureTypes(provenance ? [write, { type: PROVENANCE }] : [write]);
      return await this.#store.writer.againWhenStale(() =>
        this.#store.database.transaction(async (tx) => {
          const query = (statement: Statement) => tx.query(statement);
          const [result] = (await this.#store.writer.writeAll([write], query)) as [WriteResult];
          const done = applied('Binary', write.id, result);
          await this.#store.binaryBlobs.tie(tx, write.id, done.version, blob);
          const parts = { store: this.#store, prepare: this.#parts, gate: undefined, trail };
          if (provenance) await noteWrites(parts, provenance, [{ write, result }], query);
          return done;
        }),
      );
    } catch (error) {
      if (!isOutcomeUnknown(error)) await this.#blobs.delete(blob.key);
      throw error;
    }
  }
}

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
