import { ObjectError } from '../objects/objectError.ts';
import { ByteCursor } from './byteCursor.ts';
import type { ByteSource } from './byteSource.ts';
import { StoredDataSet, type StoredElement } from './storedDataSet.ts';
import { formOf, isForm, isLongForm } from './valueRepresentation.ts';

/** Longer values stay in the file. Lookup tables have 128 KiB at most. */
const HELD_VALUE_BYTES_MAX = 256 * 1024;
/** Of all values that are held of one object. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;
const ELEMENTS_MAX = 500_000;
const DEPTH_MAX = 32;

const UNDEFINED_LENGTH = 0xffff_ffff;
const ITEM = 0xfffe_e000;
const ITEM_END = 0xfffe_e00d;
const SEQUENCE_END = 0xfffe_e0dd;
const PIXEL_DATA = 0x7fe0_0010;
const PIXEL_REPRESENTATION = 0x0028_0103;
/** Tag, value representation, reserved bytes and length: the longest head of an element. */
const HEAD_BYTES = 12;
const ITEM_HEAD_BYTES = 8;

export interface DataSetSyntax {
  isExplicit: boolean;
  isLittleEndian: boolean;
}

/** Told of memory before it is taken, so that it can refuse by throwing. */
export type Reserve = (bytes: number) => void;

/** What is made of an element, beside its value; and of each byte of that, which may be a value of its own. */
const ELEMENT_COST_BYTES = 300;
const VALUE_COST_FACTOR = 12;
/** Told at once: objects of modalities have less. */
const RESERVED_BYTES_MIN = 1024 * 1024;

interface Place {
  syntax: DataSetSyntax;
  /** Where it ends; undefined where a delimiter ends it. */
  end: number | undefined;
  depth: number;
}

/**
 * Reads the elements of a data set up to and with its pixel data, which are not read (PS3.5 section 7). What follows them tells nothing of the image.
 *
 * @throws ObjectError that says what is wrong, without any value of the object; what `reserve` throws
 */
export function scanDataSet(
  source: ByteSource,
  at: number,
  syntax: DataSetSyntax,
  reserve: Reserve = () => undefined,
): Promise<StoredDataSet> {
  return new Scan(new ByteCursor(source, at, syntax.isLittleEndian), reserve).dataSet({
    syntax,
    end: source.sizeBytes,
    depth: 0,
  });
}

class Scan {
  readonly #cursor: ByteCursor;
  readonly #reserve: Reserve;
  #elements = 0;
  /** That nobody was told of. */
  #costBytes = 0;
  #heldBytes = 0;
  #isSigned = false;

  constructor(cursor: ByteCursor, reserve: Reserve) {
    this.#cursor = cursor;
    this.#reserve = reserve;
  }

  async dataSet(place: Place): Promise<StoredDataSet> {
    if (place.depth > DEPTH_MAX) throw new ObjectError(`Its sequences are more than ${DEPTH_MAX} deep.`);
    const dataSet = new StoredDataSet(place.syntax.isLittleEndian);
    while (place.end === undefined || this.#cursor.at < place.end) {
      const element = await this.#element(place);
      if (!element) break;
      dataSet.elements.set(element.tag, element);
      if (element.tag === PIXEL_REPRESENTATION) this.#isSigned = dataSet.number(PIXEL_REPRESENTATION) === 1;
      if (element.tag === PIXEL_DATA && place.depth === 0) break;
    }
    return dataSet;
  }

  /** @returns undefined for the delimiter that ends the item */
  async #element(place: Place): Promise<StoredElement | undefined> {
    this.#elements += 1;
    if (this.#elements > ELEMENTS_MAX) throw new ObjectError(`It has more than ${ELEMENTS_MAX} elements.`);
    this.#count(ELEMENT_COST_BYTES);
    const left = this.#left(place);
    if (left < ITEM_HEAD_BYTES) throw new ObjectError('It ends within an element.');
    await this.#fill(Math.min(HEAD_BYTES, left));
    const tag = this.#tag();
    if (tag === ITEM_END && place.end === undefined) {
      this.#cursor.takeUint32();
      return undefined;
    }
    const { vr, length } = this.#head(tag, place.syntax);
    const element: StoredElement = { tag, vr, at: this.#cursor.at, lengthBytes: length };
    if (length === UNDEFINED_LENGTH) await this.#undefinedLength(element, place);
    else await this.#value(element, place);
    return element;
  }

  #tag(): number {
    return this.#cursor.takeUint16() * 0x1_0000 + this.#cursor.takeUint16();
  }

  #head(tag: number, syntax: DataSetSyntax): { vr: string; length: number } {
    const cursor = this.#cursor;
    if (!syntax.isExplicit) return { vr: formOf(tag, this.#isSigned), length: cursor.takeUint32() };
    const vr = cursor.take(2).toString('latin1');
    if (!isForm(vr)) throw new ObjectError('It has an element without a value representation.');
    if (!isLongForm(vr)) return { vr, length: cursor.takeUint16() };
    cursor.take(2); // reserved
    if (!cursor.holds(4)) throw new ObjectError('It ends within an element.');
    return { vr, length: cursor.takeUint32() };
  }

  async #value(element: StoredElement, place: Place): Promise<void> {
    const { at, lengthBytes, vr } = element;
    if (element.tag === PIXEL_DATA && place.depth === 0) return; // those that are cut off are found when they are read
    if (lengthBytes > this.#left(place)) throw new ObjectError('It has a value beyond its end.');
    if (vr === 'SQ') element.items = await this.#items({ ...place, end: at + lengthBytes });
    else if (lengthBytes <= HELD_VALUE_BYTES_MAX) element.value = await this.#held(lengthBytes);
    else this.#cursor.at += lengthBytes;
  }

  /** A sequence, or fragments of pixels. A sequence of unknown representation is in implicit syntax (PS3.5 section 6.2.2). */
  async #undefinedLength(element: StoredElement, place: Place): Promise<void> {
    const { vr, tag } = element;
    element.lengthBytes = 0;
    if (tag === PIXEL_DATA || (place.syntax.isExplicit && vr.startsWith('O'))) {
      element.isEncapsulated = true;
      if (place.depth > 0) await this.#skipFragments();
    } else if (vr === 'SQ' || vr === 'UN') {
      const syntax =
        vr === 'UN' ? { isExplicit: false, isLittleEndian: place.syntax.isLittleEndian } : place.syntax;
      element.vr = 'SQ';
      element.items = await this.#items({ ...place, syntax, end: undefined });
    } else {
      throw new ObjectError('It has a value without a length.');
    }
    element.lengthBytes = this.#cursor.at - element.at;
  }

  async #items(place: Place): Promise<StoredDataSet[]> {
    const items: StoredDataSet[] = [];
    while (place.end === undefined || this.#cursor.at < place.end) {
      const { tag, length } = await this.#itemHead(place);
      if (tag === SEQUENCE_END) break;
      if (tag !== ITEM) throw new ObjectError('It has a sequence of something else than items.');
      if (length !== UNDEFINED_LENGTH && length > this.#left(place))
        throw new ObjectError('It has an item beyond its end.');
      const end = length === UNDEFINED_LENGTH ? undefined : this.#cursor.at + length;
      items.push(await this.dataSet({ ...place, end, depth: place.depth + 1 }));
    }
    return items;
  }

  async #skipFragments(): Promise<void> {
    for (;;) {
      const { tag, length } = await this.#itemHead({ end: undefined });
      if (tag === SEQUENCE_END) return;
      if (tag !== ITEM || length > this.#left({ end: undefined }))
        throw new ObjectError('It has fragments beyond its end.');
      this.#cursor.at += length;
    }
  }

  async #itemHead(place: Pick<Place, 'end'>): Promise<{ tag: number; length: number }> {
    if (this.#left(place) < ITEM_HEAD_BYTES) throw new ObjectError('It ends within a sequence.');
    await this.#fill(ITEM_HEAD_BYTES);
    return { tag: this.#tag(), length: this.#cursor.takeUint32() };
  }

  async #held(lengthBytes: number): Promise<Buffer> {
    this.#heldBytes += lengthBytes;
    if (this.#heldBytes > HELD_BYTES_MAX)
      throw new ObjectError(`It has more than ${HELD_BYTES_MAX} bytes of attributes.`);
    this.#count(lengthBytes * VALUE_COST_FACTOR);
    await this.#fill(lengthBytes);
    return this.#cursor.take(lengthBytes);
  }

  #count(bytes: number): void {
    this.#costBytes += bytes;
    if (this.#costBytes < RESERVED_BYTES_MIN) return;
    this.#reserve(this.#costBytes);
    this.#costBytes = 0;
  }

  async #fill(lengthBytes: number): Promise<void> {
    if (!this.#cursor.holds(lengthBytes)) await this.#cursor.fill(lengthBytes);
  }

  /** Bytes until the end of what is being read. */
  #left({ end }: Pick<Place, 'end'>): number {
    return (end ?? this.#cursor.sizeBytes) - this.#cursor.at;
  }
}
