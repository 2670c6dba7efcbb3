import { PduError } from './pduError.ts';

/** Takes the data set of an object as it comes. */
export interface DataSetTaker {
  /** @param value a part of the data set, in the order in which it was sent; it is not changed afterwards */
  write(presentationContextId: number, value: Buffer): void;
}

/** Of a presentation data value (PS3.8 section 9.3.5.1 and annex E.2): length, context and control header. */
const HEADER_BYTES = 6;
/** What the length counts besides the value: context and control header. */
const COUNTED_BYTES = 2;
const LENGTH_BYTES = 4;
const IS_COMMAND = 1;
const IS_LAST = 2;

/** Reads one P-DATA-TF of a data set: its values go on as parts of the chunks that they come in, so nothing of them is copied. */
export class DataSetValues {
  readonly #taker: DataSetTaker;
  /** Of the PDU. */
  #leftBytes: number;
  #header: Buffer = Buffer.alloc(0);
  /** Of the present value. */
  #valueBytes = 0;
  #isLast = false;
  #contextId = 0;
  /** `data-set-ended`: what is left of the PDU is of another message. */
  state: 'coming' | 'pdu-ended' | 'data-set-ended' = 'coming';

  /** @param pduBytes length of the PDU, without its header @throws PduError */
  constructor(pduBytes: number, taker: DataSetTaker) {
    if (pduBytes === 0) throw new PduError('A P-DATA-TF carries nothing (PS3.8 section 9.3.5).');
    this.#leftBytes = pduBytes;
    this.#taker = taker;
  }

  get leftBytes(): number {
    return this.#leftBytes;
  }

  /** @returns how far it has read @throws PduError */
  take(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.state === 'coming')
      at = this.#valueBytes > 0 ? this.#takeValue(chunk, at) : this.#takeHeader(chunk, at);
    return at;
  }

  /** A P-DATA-TF with an empty last fragment, which ends the data set for whoever has not seen its values. */
  lastFragment(): Buffer {
    return Buffer.from([4, 0, 0, 0, 0, HEADER_BYTES, 0, 0, 0, COUNTED_BYTES, this.#contextId, IS_LAST]);
  }

  #takeHeader(chunk: Buffer, from: number): number {
    const end = Math.min(chunk.length, from + HEADER_BYTES - this.#header.length);
    this.#header = Buffer.concat([this.#header, chunk.subarray(from, end)]);
    if (this.#header.length < HEADER_BYTES) return this.#requireRoom(end, HEADER_BYTES);
    const length = this.#header.readUInt32BE(0);
    const [contextId, flags] = [this.#header.readUInt8(4), this.#header.readUInt8(5)];
    if (length < COUNTED_BYTES) throw new PduError('A presentation data value has no header.');
    this.#requireRoom(end, LENGTH_BYTES + length);
    if ((flags & IS_COMMAND) !== 0) throw new PduError('A command comes before a data set has ended.');
    this.#header = Buffer.alloc(0);
    this.#leftBytes -= LENGTH_BYTES + length;
    this.#valueBytes = length - COUNTED_BYTES;
    this.#isLast = (flags & IS_LAST) !== 0;
    this.#contextId = contextId;
    if (this.#valueBytes === 0) this.#endValue();
    return end;
  }

  #takeValue(chunk: Buffer, from: number): number {
    const end = Math.min(chunk.length, from + this.#valueBytes);
    this.#valueBytes -= end - from;
    this.#taker.write(this.#contextId, chunk.subarray(from, end));
    if (this.#valueBytes === 0) this.#endValue();
    return end;
  }

  #endValue(): void {
    if (this.#isLast) this.state = 'data-set-ended';
    else if (this.#leftBytes === 0) this.state = 'pdu-ended';
  }

  #requireRoom(at: number, neededBytes: number): number {
    if (neededBytes > this.#leftBytes)
      throw new PduError('A presentation data value goes beyond its P-DATA-TF.');
    return at;
  }
}
