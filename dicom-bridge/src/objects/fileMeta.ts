/** What begins a DICOM file (PS3.10 section 7.1), all but what its length follows from. */
export interface FileMeta {
  sopClassUid: string;
  sopInstanceUid: string;
  transferSyntaxUid: string;
  /** AE title of who sent it. */
  sourceAeTitle: string;
}

/** Of the program that writes these files: a UID under 2.25 that is always the same, and a name of at most 16 characters. */
export const IMPLEMENTATION_CLASS_UID = '2.25.151466377423911470232384137193318163397';
export const IMPLEMENTATION_VERSION_NAME = 'MAXRAY_1';

const PREAMBLE_BYTES = 128;
/** Value representations whose length takes four bytes, after two that are reserved (PS3.5 section 7.1.2). */
const LONG_FORMS: ReadonlySet<string> = new Set(['OB']);

/** Preamble, `DICM` and group 0002, explicit little endian: what stands before a data set as it came over the network. */
export function encodeFileMeta(meta: FileMeta): Buffer {
  const elements = Buffer.concat([
    element(0x0001, 'OB', Buffer.from([0, 1])),
    element(0x0002, 'UI', uid(meta.sopClassUid)),
    element(0x0003, 'UI', uid(meta.sopInstanceUid)),
    element(0x0010, 'UI', uid(meta.transferSyntaxUid)),
    element(0x0012, 'UI', uid(IMPLEMENTATION_CLASS_UID)),
    element(0x0013, 'SH', text(IMPLEMENTATION_VERSION_NAME)),
    element(0x0016, 'AE', text(meta.sourceAeTitle)),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  return Buffer.concat([
    Buffer.alloc(PREAMBLE_BYTES),
    Buffer.from('DICM', 'latin1'),
    element(0x0000, 'UL', length),
    elements,
  ]);
}

function element(number: number, form: string, value: Buffer): Buffer {
  const isLong = LONG_FORMS.has(form);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(number, 2);
  head.write(form, 4, 'latin1');
  if (isLong) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

/** Values have an even length: UIDs are padded with a zero byte, texts with a space (PS3.5 sections 6.2 and 9.1). */
const uid = (value: string): Buffer => Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, 'latin1');
const text = (value: string): Buffer => Buffer.from(value.length % 2 === 0 ? value : `${value} `, 'latin1');
