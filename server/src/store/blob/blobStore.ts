import type { Readable } from 'node:stream';

/** A part of a blob in bytes, both ends included, as HTTP's Range has it (RFC 9110 14.1.2). */
export interface ByteRange {
  start: number;
  end: number;
}

/** What a blob is once it is durable. */
export interface BlobPut {
  /** Made by the store; the only name under which the content is found again. */
  key: string;
  bytes: number;
  /** SHA-256 of the content, lower-case hex. */
  sha256: string;
}

/** Opened content. Whoever asked for it reads the stream to its end or destroys it. */
export interface BlobContent {
  stream: Readable;
  /** Length of the stream: of the range, where one was asked for. */
  bytes: number;
  /** Length of the whole blob. */
  bytesTotal: number;
}

/** Where the content of Binary resources lives: outside the database, never changed once written. */
export interface BlobStore {
  /**
   * Streams content in, hashing it. Durable when it resolves: on disk with its folder entry, or acknowledged
   * by the object store. Leaves nothing behind when it fails.
   * @throws FhirError `too-large` beyond `bytesMax`, `busy` where the storage cannot take it now; what the
   * source throws is passed on.
   */
  put(source: AsyncIterable<Uint8Array>, limits: { bytesMax: number }): Promise<BlobPut>;
  /**
   * Opens a blob, or a range of it. A range that ends beyond the content ends with it.
   * @throws FhirError `not-found` for an unknown key, `incorrect` for a range that starts beyond the content.
   */
  get(key: string, range?: ByteRange): Promise<BlobContent>;
  /** Removes a blob; one that is not there is no error, so that a sweep can be repeated. */
  delete(key: string): Promise<void>;
  /** Every key, in no particular order: for the sweep of blobs that no resource refers to. */
  list(): AsyncIterable<string>;
  /** Removes all blobs and the place itself: of a store that is no more. */
  removeAll(): Promise<void>;
  /** Lets go of connections. Blobs that are being read are cut off. */
  close(): Promise<void>;
}
