/** Deeper sequences are in no message of PS3.4: the library takes a second and more for some thousand. */
export const DEPTH_MAX = 32;
/** A storage commitment of ten thousand objects has half as many. */
export const ELEMENTS_MAX = 65_536;

const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const COMMAND_FIELD = 0x0100;
const DELIMITERS = 0xfffe;
const [ITEM, HEAD_BYTES, LONG_HEAD_BYTES] = [0xe000, 8, 12];
const UNDEFINED_LENGTH = 0xffff_ffff;
/** Those with a length of four bytes (PS3.5 section 7.1.2). */
const LONG_FORMS: ReadonlySet<string> = new Set([
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SQ',
  'SV',
  'UC',
  'UN',
  'UR',
  'UT',
  'UV',
]);

/** Where an element's value is. `isNested`: it is made of items, as far as one sees. */
interface Head {
  valueAt: number;
  /** Undefined: a delimiter ends it. */
  end: number | undefined;
  isNested: boolean;
}

/**
 * Whether a message that the library is to read costs too much, by its sequences or by the number of its elements. It looks at heads only; what else may be wrong with it the
 * library finds.
 *
 * @param bytes a command, or a data set that is no object
 */
export function isCostly(bytes: Buffer, transferSyntaxUid: string): boolean {
  const reader = new HeadReader(bytes, transferSyntaxUid);
  /** Ends of the sequences and items that are open; two for each level. */
  const open: (number | undefined)[] = [];
  let elements = 0;
  for (let at = 0; at + HEAD_BYTES <= bytes.length; elements += 1) {
    while (open.length > 0 && at >= (open.at(-1) ?? Infinity)) open.pop();
    const { valueAt, end, isNested } = reader.head(at);
    if (reader.isDelimiter(at) && open.length > 0 && open.at(-1) === undefined) open.pop();
    if (isNested) open.push(end);
    at = isNested ? valueAt : (end ?? valueAt);
    if (open.length > 2 * DEPTH_MAX || elements > ELEMENTS_MAX) return true;
  }
  return false;
}

/** Command Field (0000,0100) of a command, which is in implicit little endian; undefined where there is none. */
export function commandFieldOf(command: Buffer): number | undefined {
  for (let at = 0; at + HEAD_BYTES + 2 <= command.length;) {
    if (command.readUInt16LE(at) === 0 && command.readUInt16LE(at + 2) === COMMAND_FIELD)
      return command.readUInt16LE(at + HEAD_BYTES);
    at += HEAD_BYTES + command.readUInt32LE(at + 4);
  }
  return undefined;
}

class HeadReader {
  readonly #bytes: Buffer;
  readonly #isExplicit: boolean;
  readonly #isLittle: boolean;

  constructor(bytes: Buffer, transferSyntaxUid: string) {
    this.#bytes = bytes;
    this.#isExplicit = transferSyntaxUid !== IMPLICIT_LITTLE_ENDIAN;
    this.#isLittle = transferSyntaxUid !== BIG_ENDIAN;
  }

  /** The end of an item, or of a sequence. */
  isDelimiter(at: number): boolean {
    return this.#uint16(at) === DELIMITERS && this.#uint16(at + 2) !== ITEM;
  }

  head(at: number): Head {
    if (this.isDelimiter(at)) return { valueAt: at + HEAD_BYTES, end: at + HEAD_BYTES, isNested: false };
    const vr = this.#bytes.toString('latin1', at + 4, at + 6);
    // Within what is of unknown length there is implicit syntax in an explicit one (PS3.5 section 6.2.2).
    const isExplicit = this.#isExplicit && /^[A-Z]{2}$/.test(vr);
    if (!isExplicit || this.#isItem(at))
      return this.#nested(at + HEAD_BYTES, this.#uint32(at + 4), this.#isItem(at));
    if (!LONG_FORMS.has(vr)) return this.#nested(at + HEAD_BYTES, this.#uint16(at + 6), false);
    return this.#nested(at + LONG_HEAD_BYTES, this.#uint32(at + 8), vr === 'SQ');
  }

  #nested(valueAt: number, length: number, isKnown: boolean): Head {
    if (length === UNDEFINED_LENGTH) return { valueAt, end: undefined, isNested: true };
    return { valueAt, end: valueAt + length, isNested: length > 0 && (isKnown || this.#isItem(valueAt)) };
  }

  #isItem(at: number): boolean {
    return this.#uint16(at) === DELIMITERS && this.#uint16(at + 2) === ITEM;
  }

  /** 0 beyond the end. */
  #uint16(at: number): number {
    if (at + 2 > this.#bytes.length) return 0;
    return this.#isLittle ? this.#bytes.readUInt16LE(at) : this.#bytes.readUInt16BE(at);
  }

  #uint32(at: number): number {
    if (at + 4 > this.#bytes.length) return 0;
    return this.#isLittle ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }
}
