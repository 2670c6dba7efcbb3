import { DataSetValues, type DataSetTaker } from './dataSetValues.ts';
import { PduError } from './pduError.ts';

export { PduError } from './pduError.ts';

/** DICOM PS3.8 section 9.3: type (1 byte), reserved (1 byte), length of what follows (4 bytes, big endian). */
const HEADER_BYTES = 6;
/** A-RELEASE-RQ, A-RELEASE-RP, A-ABORT and A-ASSOCIATE-RJ all say that four bytes follow. */
const SHORT_PDU_BYTES = 4;
/** Room for 128 presentation contexts with a dozen transfer syntaxes each, and role and identity items. */
export const ASSOCIATE_BYTES_MAX = 256 * 1024;
/** What the bridge announces as its maximum PDU length (PS3.8 annex D.1): small ones are slow. */
export const PDATA_BYTES_MAX = 128 * 1024;

const P_DATA_TF = 4;
/** Names as in PS3.8 section 9.3. */
const PDU_NAMES: Record<number, string> = {
  1: 'A-ASSOCIATE-RQ',
  2: 'A-ASSOCIATE-AC',
  3: 'A-ASSOCIATE-RJ',
  [P_DATA_TF]: 'P-DATA-TF',
  5: 'A-RELEASE-RQ',
  6: 'A-RELEASE-RP',
  7: 'A-ABORT',
};

export interface PduLimits {
  associateBytesMax: number;
  pdataBytesMax: number;
}

const PDU_LIMITS: PduLimits = { associateBytesMax: ASSOCIATE_BYTES_MAX, pdataBytesMax: PDATA_BYTES_MAX };

export interface PduGuardParts {
  /** Takes a PDU, whole and unchanged. */
  pass: (pdu: Buffer) => void;
  /** Asked before each P-DATA-TF: who takes its values instead, because the data set of an object is coming. */
  dataSetTaker?: () => DataSetTaker | undefined;
  limits?: PduLimits;
}

/**
 * Cuts the bytes of a connection into PDUs while they are some, within the limits; otherwise fails with PduError at the first bad header, before a
 * byte of that PDU goes on. It stands between connection and DICOM library, which gathers a PDU of any length that a peer announces before it
 * looks at it: one unauthenticated 60 MB "PDU" stalled every association. Objects do not go through the library at all, which would copy them
 * several times: who takes their data set gets its values as they come, and the library an empty last fragment when they have ended.
 */
export class PduGuard {
  readonly #parts: PduGuardParts;
  readonly #limits: PduLimits;
  /** The part of a header that has arrived. */
  #header: Buffer = Buffer.alloc(0);
  /** Of the present PDU, with its header. */
  #gathered: Buffer[] = [];
  /** Bytes of it that are still to come; 0 means that a header comes next. */
  #remaining = 0;
  /** Of the present PDU, where they are somebody's. */
  #values: DataSetValues | undefined;

  constructor(parts: PduGuardParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? PDU_LIMITS;
  }

  /** @param chunk is not changed afterwards: parts of it are passed on @throws PduError, what those throw who take */
  take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#values) at = this.#takeValues(this.#values, chunk, at);
      else if (this.#remaining > 0) at = this.#gather(chunk, at);
      else at = this.#takeHeader(chunk, at);
    }
  }

  /** There is nothing more. @throws PduError in the middle of a PDU */
  end(): void {
    if (this.#remaining > 0 || this.#header.length > 0 || this.#values)
      throw new PduError('The connection ended in the middle of a PDU.');
  }

  #takeHeader(chunk: Buffer, from: number): number {
    const end = Math.min(chunk.length, from + HEADER_BYTES - this.#header.length);
    this.#header = Buffer.concat([this.#header, chunk.subarray(from, end)]);
    if (this.#header.length < HEADER_BYTES) return end;
    const header = this.#header;
    this.#header = Buffer.alloc(0);
    const fault = headerFault(header, this.#limits);
    if (fault !== undefined) throw new PduError(fault);
    this.#begin(header);
    return end;
  }

  #begin(header: Buffer): void {
    const length = header.readUInt32BE(2);
    const taker = header[0] === P_DATA_TF ? this.#parts.dataSetTaker?.() : undefined;
    if (taker) {
      this.#values = new DataSetValues(length, taker);
      return;
    }
    this.#gathered = [header];
    this.#remaining = length;
    if (length === 0) this.#passWhole();
  }

  #gather(chunk: Buffer, from: number): number {
    const end = Math.min(chunk.length, from + this.#remaining);
    this.#gathered.push(chunk.subarray(from, end));
    this.#remaining -= end - from;
    if (this.#remaining === 0) this.#passWhole();
    return end;
  }

  #passWhole(): void {
    const pdu = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#parts.pass(pdu);
  }

  /** What follows the last fragment of the data set in its PDU is of the next message: it becomes a PDU of its own. */
  #takeValues(values: DataSetValues, chunk: Buffer, from: number): number {
    const end = values.take(chunk, from);
    if (values.state === 'coming') return end;
    this.#values = undefined;
    if (values.state === 'pdu-ended') return end;
    this.#parts.pass(values.lastFragment());
    if (values.leftBytes > 0) this.#begin(pdataHeader(values.leftBytes));
    return end;
  }
}

function pdataHeader(lengthBytes: number): Buffer {
  const header = Buffer.from([P_DATA_TF, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(lengthBytes, 2);
  return header;
}

/** What is wrong with a PDU header; undefined when nothing is. */
function headerFault(header: Buffer, limits: PduLimits): string | undefined {
  const type = header.readUInt8(0);
  const length = header.readUInt32BE(2);
  const name = PDU_NAMES[type];
  if (name === undefined) return `There is no PDU of type ${type}.`;
  if (type === 1 || type === 2) return tooLong(name, length, limits.associateBytesMax);
  if (type === P_DATA_TF) return tooLong(name, length, limits.pdataBytesMax);
  return length === SHORT_PDU_BYTES
    ? undefined
    : `${name} has ${length} bytes instead of ${SHORT_PDU_BYTES}.`;
}

function tooLong(name: string, length: number, bytesMax: number): string | undefined {
  return length <= bytesMax ? undefined : `${name} of ${length} bytes exceeds the limit of ${bytesMax}.`;
}
