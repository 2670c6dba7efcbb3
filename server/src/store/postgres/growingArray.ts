/** Types of the items, by PostgreSQL's numbers. */
const OID = { int4: 23, int8: 20, text: 25 } as const;
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;
const FIRST_BYTES = 1_024;
/** A text of n UTF-16 units has at most so many times n bytes. */
const UTF8_BYTES_MAX = 3;

/** An array in PostgreSQL's binary format that is made item by item, so that what it is made of need not be kept. */
export class GrowingArray {
  readonly #oid: number;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  /** Of the same bytes: V8 writes numbers by it without a call, a Buffer does not. */
  #view = viewOf(this.#bytes);
  #end = HEADER_BYTES;
  #count = 0;
  #hasNull = false;

  constructor(type: keyof typeof OID) {
    this.#oid = OID[type];
  }

  get length(): number {
    return this.#count;
  }

  addNull(): void {
    this.#makeRoom(4);
    this.#view.setInt32(this.#end, NULL_LENGTH);
    this.#end += 4;
    this.#count++;
    this.#hasNull = true;
  }

  addInt4(value: number): void {
    this.#makeRoom(8);
    this.#view.setInt32(this.#end, 4);
    this.#view.setInt32(this.#end + 4, value);
    this.#end += 8;
    this.#count++;
  }

  addInt8(value: bigint): void {
    this.#makeRoom(12);
    this.#view.setInt32(this.#end, 8);
    this.#view.setBigInt64(this.#end + 4, value);
    this.#end += 12;
    this.#count++;
  }

  /** An item of an array of int8 that has no NULLs. @param position from 0 */
  int8At(position: number): bigint {
    return this.#view.getBigInt64(HEADER_BYTES + position * 12 + 4);
  }

  addText(value: string): void {
    this.#makeRoom(4 + value.length * UTF8_BYTES_MAX);
    const length = this.#bytes.write(value, this.#end + 4);
    this.#view.setInt32(this.#end, length);
    this.#end += 4 + length;
    this.#count++;
  }

  /** What a parameter is to be. */
  toBuffer(): Buffer {
    this.#bytes.writeInt32BE(1, 0); // dimensions
    this.#bytes.writeInt32BE(this.#hasNull ? 1 : 0, 4);
    this.#bytes.writeInt32BE(this.#oid, 8);
    this.#bytes.writeInt32BE(this.#count, 12);
    this.#bytes.writeInt32BE(1, 16); // lower bound
    return this.#bytes.subarray(0, this.#end);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);
