import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { PictureError } from './pictureError.ts';
import { nativeFrame, type PictureFrame } from './pictureFrame.ts';
import { COLOUR_TYPE, readPngFile, type PngFile } from './pngFile.ts';
import { requireSize } from './requireSize.ts';
import { unfilter } from './unfilter.ts';

const inflated = promisify(inflate);
const CHANNELS: Readonly<Record<number, number>> = {
  [COLOUR_TYPE.gray]: 1,
  [COLOUR_TYPE.colours]: 3,
  [COLOUR_TYPE.palette]: 1,
  [COLOUR_TYPE.grayAlpha]: 2,
  [COLOUR_TYPE.coloursAlpha]: 4,
};
/** Lines after which others have their turn. */
const LINES_PER_TURN = 64;

/**
 * The frame of a PNG file: gray of up to 16 bits without a loss, colours with 8. What is transparent is left as it is painted.
 *
 * @throws PictureError
 */
export async function pngFrame(file: Buffer): Promise<PictureFrame> {
  const png = readPngFile(file);
  requireSize(png);
  const { width, height, bitDepth, colourType } = png;
  const cells = CHANNELS[colourType]! * width;
  const lineBytes = Math.ceil((cells * bitDepth) / 8);
  const lines = await imageData(png, (lineBytes + 1) * height);
  const pixelBytes = Math.max(1, (CHANNELS[colourType]! * bitDepth) / 8);
  const isGray = colourType === COLOUR_TYPE.gray || colourType === COLOUR_TYPE.grayAlpha;
  const bits = isGray && bitDepth === 16 ? 16 : 8;
  const channels = isGray ? 1 : 3;
  const into = Buffer.alloc((width * height * channels * bits) / 8);
  for (let line = 0, at = 0; line < height; line += 1) {
    const from = line * (lineBytes + 1);
    unfilter(lines, from, lineBytes, line === 0 ? undefined : from - lineBytes, pixelBytes);
    at = writeLine(png, lines.subarray(from + 1, from + 1 + lineBytes), into, at);
    if (line % LINES_PER_TURN === LINES_PER_TURN - 1) await nextTurn();
  }
  return nativeFrame({ width, height, channels, bytes: into }, bits);
}

/** @param bytes that it must have: what would be longer is not taken further */
async function imageData({ data }: PngFile, bytes: number): Promise<Buffer> {
  const lines = await inflated(data, { maxOutputLength: bytes }).catch(() => undefined);
  if (lines?.length === bytes) return lines;
  throw new PictureError('The PNG file is damaged: its pixels are not those that it tells of.');
}

/** @returns where the next line begins */
function writeLine(png: PngFile, line: Buffer, into: Buffer, at: number): number {
  const { width, bitDepth, colourType, palette } = png;
  const cell = cellReader(line, bitDepth);
  const perPixel = CHANNELS[colourType]!;
  let to = at;
  for (let x = 0; x < width; x += 1) {
    if (colourType === COLOUR_TYPE.palette) {
      const number = cell(x) * 3;
      if (number + 3 > palette.length)
        throw new PictureError('The PNG file has a colour that it does not tell.');
      to += palette.copy(into, to, number, number + 3);
    } else if (colourType === COLOUR_TYPE.gray || colourType === COLOUR_TYPE.grayAlpha) {
      if (bitDepth === 16) to = into.writeUInt16LE(cell(x * perPixel), to);
      else into[to++] = (cell(x * perPixel) * 255) / (2 ** bitDepth - 1);
    } else {
      for (let colour = 0; colour < 3; colour += 1)
        into[to++] = bitDepth === 16 ? cell(x * perPixel + colour) >> 8 : cell(x * perPixel + colour);
    }
  }
  return to;
}

function cellReader(line: Buffer, bitDepth: number): (index: number) => number {
  if (bitDepth === 8) return (index) => line[index]!;
  if (bitDepth === 16) return (index) => line.readUInt16BE(index * 2);
  const perByte = 8 / bitDepth;
  const mask = 2 ** bitDepth - 1;
  return (index) => (line[Math.floor(index / perByte)]! >> (8 - bitDepth * ((index % perByte) + 1))) & mask;
}
