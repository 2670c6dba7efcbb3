/** An element of a stored object: where its value is, and the value itself where it is short. */
export interface StoredElement {
  /** Group and number: 0x00100010. */
  tag: number;
  vr: string;
  /** Of its value, in the source. */
  at: number;
  lengthBytes: number;
  /** Absent for sequences and for values that are too long to be held. */
  value?: Buffer;
  /** Of a sequence. */
  items?: StoredDataSet[];
  /** Its value is a sequence of fragments (PS3.5 section A.4): `at` is where the first item begins. */
  isEncapsulated?: boolean;
}

/** A data set as it was found in a file, in its byte order. */
export class StoredDataSet {
  readonly elements = new Map<number, StoredElement>();
  readonly isLittleEndian: boolean;

  constructor(isLittleEndian: boolean) {
    this.isLittleEndian = isLittleEndian;
  }

  /** The values of a text of ASCII, without padding; none where it is empty or absent. */
  texts(tag: number): string[] {
    const text = this.elements.get(tag)?.value?.toString('latin1').replaceAll('\0', '').trim() ?? '';
    return text === '' ? [] : text.split('\\').map((one) => one.trim());
  }

  text(tag: number): string | undefined {
    return this.texts(tag)[0];
  }

  /** Numbers, in binary or as text; what is none of them is left out. */
  numbers(tag: number): number[] {
    const element = this.elements.get(tag);
    if (!element?.value) return [];
    const read = numberReader(element.vr, this.isLittleEndian);
    if (!read) return this.texts(tag).map(Number).filter(Number.isFinite);
    return read(element.value).map(Number);
  }

  number(tag: number): number | undefined {
    return this.numbers(tag)[0];
  }

  items(tag: number): readonly StoredDataSet[] {
    return this.elements.get(tag)?.items ?? [];
  }
}

type ReadNumbers = (value: Buffer) => (number | bigint)[];

/** Reads the numbers of a binary value representation; undefined for one that has none (PS3.5 section 6.2). */
export function numberReader(vr: string, isLittleEndian: boolean): ReadNumbers | undefined {
  const each = (bytes: number, read: (view: DataView, at: number) => number | bigint): ReadNumbers => {
    return (value) => {
      const view = new DataView(value.buffer, value.byteOffset, value.length);
      return Array.from({ length: Math.floor(value.length / bytes) }, (_, index) =>
        read(view, index * bytes),
      );
    };
  };
  const little = isLittleEndian;
  switch (vr) {
    case 'US':
    case 'OW':
      return each(2, (view, at) => view.getUint16(at, little));
    case 'SS':
      return each(2, (view, at) => view.getInt16(at, little));
    case 'UL':
      return each(4, (view, at) => view.getUint32(at, little));
    case 'SL':
      return each(4, (view, at) => view.getInt32(at, little));
    case 'FL':
      return each(4, (view, at) => view.getFloat32(at, little));
    case 'FD':
      return each(8, (view, at) => view.getFloat64(at, little));
    case 'UV':
    case 'OV':
      return each(8, (view, at) => view.getBigUint64(at, little));
    case 'SV':
      return each(8, (view, at) => view.getBigInt64(at, little));
    default:
      return undefined;
  }
}
