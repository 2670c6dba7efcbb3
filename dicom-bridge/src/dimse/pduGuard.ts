import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/** DICOM PS3.8 section 9.3: type (1 byte), reserved (1 byte), length of what follows (4 bytes, big endian). */
const HEADER_BYTES = 6;
/** A-RELEASE-RQ, A-RELEASE-RP, A-ABORT and A-ASSOCIATE-RJ all say that four bytes follow. */
const SHORT_PDU_BYTES = 4;
/** Room for 128 presentation contexts with a dozen transfer syntaxes each, and role and identity items. */
export const ASSOCIATE_BYTES_MAX = 256 * 1024;
/** What the bridge announces as its maximum PDU length (PS3.8 annex D.1): small ones are slow. */
export const PDATA_BYTES_MAX = 128 * 1024;

/** Names as in PS3.8 section 9.3. */
const PDU_NAMES: Record<number, string> = {
  1: 'A-ASSOCIATE-RQ',
  2: 'A-ASSOCIATE-AC',
  3: 'A-ASSOCIATE-RJ',
  4: 'P-DATA-TF',
  5: 'A-RELEASE-RQ',
  6: 'A-RELEASE-RP',
  7: 'A-ABORT',
};

/** The bytes are not DICOM upper layer protocol, or exceed its limits: drop the connection. */
export class PduError extends Error {
  override readonly name = 'PduError';
}

export interface PduLimits {
  associateBytesMax: number;
  pdataBytesMax: number;
}

/**
 * Passes the bytes of a connection on unchanged while they are a sequence of PDUs within the limits; otherwise
 * fails with PduError at the first bad header, before a byte of that PDU goes on. To be put between socket and
 * DICOM library, which gathers a PDU of any length that a peer announces before it looks at it: one
 * unauthenticated 60 MB "PDU" stalled every association. Holds back at most one header. A stream that ends in
 * the middle of a PDU fails too.
 */
export class PduGuard extends Transform {
  readonly #limits: PduLimits;
  /** The part of a header that has arrived. */
  #header = Buffer.alloc(0);
  /** Bytes of the present PDU that are still to come; 0 means that a header comes next. */
  #remaining = 0;

  constructor(
    limits: PduLimits = { associateBytesMax: ASSOCIATE_BYTES_MAX, pdataBytesMax: PDATA_BYTES_MAX },
  ) {
    super();
    this.#limits = limits;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#remaining > 0) {
        const end = Math.min(chunk.length, at + this.#remaining);
        this.push(chunk.subarray(at, end));
        this.#remaining -= end - at;
        at = end;
        continue;
      }
      const end = Math.min(chunk.length, at + HEADER_BYTES - this.#header.length);
      this.#header = Buffer.concat([this.#header, chunk.subarray(at, end)]);
      at = end;
      if (this.#header.length < HEADER_BYTES) break;
      const fault = headerFault(this.#header, this.#limits);
      if (fault !== undefined) return done(new PduError(fault));
      this.#remaining = this.#header.readUInt32BE(2);
      this.push(this.#header);
      this.#header = Buffer.alloc(0);
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    const isWhole = this.#remaining === 0 && this.#header.length === 0;
    done(isWhole ? null : new PduError('The connection ended in the middle of a PDU.'));
  }
}

/** What is wrong with a PDU header; undefined when nothing is. */
function headerFault(header: Buffer, limits: PduLimits): string | undefined {
  const type = header.readUInt8(0);
  const length = header.readUInt32BE(2);
  const name = PDU_NAMES[type];
  if (name === undefined) return `There is no PDU of type ${type}.`;
  if (type === 1 || type === 2) return tooLong(name, length, limits.associateBytesMax);
  if (type === 4) return tooLong(name, length, limits.pdataBytesMax);
  return length === SHORT_PDU_BYTES
    ? undefined
    : `${name} has ${length} bytes instead of ${SHORT_PDU_BYTES}.`;
}

function tooLong(name: string, length: number, bytesMax: number): string | undefined {
  return length <= bytesMax ? undefined : `${name} of ${length} bytes exceeds the limit of ${bytesMax}.`;
}
