import { EXPLICIT_LITTLE_ENDIAN, type PictureFrame } from './pictureFrame.ts';

const PIXEL_DATA = [0xe0, 0x7f, 0x10, 0x00] as const;
const ITEM = [0xfe, 0xff, 0x00, 0xe0] as const;
const DELIMITER = [0xfe, 0xff, 0xdd, 0xe0] as const;
const UNDEFINED_LENGTH = 0xffff_ffff;

/** The element Pixel Data in explicit little endian (PS3.5 section A.4), in pieces: it is the last of its data set. */
export function pixelDataPieces({ transferSyntaxUid, bits, bytes: view }: PictureFrame): Buffer[] {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const padding = Buffer.alloc(bytes.length % 2);
  const length = bytes.length + padding.length;
  if (transferSyntaxUid === EXPLICIT_LITTLE_ENDIAN)
    return [element(bits === 8 ? 'OB' : 'OW', length), bytes, padding];
  const noOffsets = tagged(ITEM, 0);
  return [
    element('OB', UNDEFINED_LENGTH),
    noOffsets,
    tagged(ITEM, length),
    bytes,
    padding,
    tagged(DELIMITER, 0),
  ];
}

function element(form: string, length: number): Buffer {
  const head = Buffer.alloc(12);
  head.set(PIXEL_DATA);
  head.write(form, 4, 'latin1');
  head.writeUInt32LE(length, 8);
  return head;
}

function tagged(tag: readonly number[], length: number): Buffer {
  const head = Buffer.alloc(8);
  head.set(tag);
  head.writeUInt32LE(length, 4);
  return head;
}
