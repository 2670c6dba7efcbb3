import { crc32 } from 'node:zlib';
import { PictureError } from './pictureError.ts';

/** What a PNG file is made of (ISO/IEC 15948). */
export interface PngFile {
  width: number;
  height: number;
  bitDepth: number;
  colourType: number;
  /** Red, green and blue of each number, where colours are numbers. */
  palette: Buffer;
  /** Its image data, still compressed. */
  data: Buffer;
}

export const COLOUR_TYPE = { gray: 0, colours: 2, palette: 3, grayAlpha: 4, coloursAlpha: 6 } as const;

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Bit depths that each colour type may have (table 11.1). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  [COLOUR_TYPE.gray]: [1, 2, 4, 8, 16],
  [COLOUR_TYPE.colours]: [8, 16],
  [COLOUR_TYPE.palette]: [1, 2, 4, 8],
  [COLOUR_TYPE.grayAlpha]: [8, 16],
  [COLOUR_TYPE.coloursAlpha]: [8, 16],
};
const DAMAGED = 'The PNG file is damaged, or ends too early: send it again.';

/** Reads it from chunk to chunk, each by its checksum. @throws PictureError where it is none, is damaged, or is interlaced */
export function readPngFile(file: Buffer): PngFile {
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE))
    throw new PictureError('The file is no PNG file.');
  const data: Buffer[] = [];
  let header: Buffer | undefined;
  let palette = Buffer.alloc(0);
  for (let at = SIGNATURE.length; ;) {
    const { type, content, next } = chunkAt(file, at);
    if (!header && type !== 'IHDR') throw new PictureError(DAMAGED);
    if (type === 'IHDR') header ??= content;
    else if (type === 'PLTE') palette = Buffer.from(content);
    else if (type === 'IDAT') data.push(content);
    else if (type === 'IEND') return pngFile(header!, palette, Buffer.concat(data));
    at = next;
  }
}

function chunkAt(file: Buffer, at: number): { type: string; content: Buffer; next: number } {
  if (at + 12 > file.length) throw new PictureError(DAMAGED);
  const end = at + 8 + file.readUInt32BE(at);
  if (end + 4 > file.length || crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end))
    throw new PictureError(DAMAGED);
  return {
    type: file.toString('latin1', at + 4, at + 8),
    content: file.subarray(at + 8, end),
    next: end + 4,
  };
}

function pngFile(header: Buffer, palette: Buffer, data: Buffer): PngFile {
  if (header.length !== 13) throw new PictureError(DAMAGED);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [bitDepth, colourType, compression, filter, interlace] = header.subarray(8) as unknown as number[];
  if (DEPTHS[colourType!]?.includes(bitDepth!) !== true || compression !== 0 || filter !== 0)
    throw new PictureError(DAMAGED);
  if (interlace !== 0) throw new PictureError('The PNG file is interlaced: save it without interlacing.');
  if (colourType === COLOUR_TYPE.palette && palette.length < 3) throw new PictureError(DAMAGED);
  return { width, height, bitDepth: bitDepth!, colourType: colourType!, palette, data };
}
