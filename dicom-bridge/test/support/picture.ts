import { inflateSync } from 'node:zlib';

export interface DecodedPicture {
  width: number;
  height: number;
  channels: number;
  bytes: Buffer;
}

const UP = 2;

/** Reads a PNG of eight bits whose lines are stored as they differ from those above. */
export function decodePng(file: Uint8Array): DecodedPicture {
  const png = Buffer.from(file);
  if (png.toString('latin1', 1, 4) !== 'PNG') throw new Error('no PNG');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png[25] === 2 ? 3 : 1;
  const dataAt = png.indexOf('IDAT') + 4;
  const lines = inflateSync(png.subarray(dataAt, dataAt + png.readUInt32BE(dataAt - 8)));
  const lineBytes = width * channels;
  const bytes = Buffer.alloc(lineBytes * height);
  for (let y = 0; y < height; y += 1) {
    if (lines[y * (lineBytes + 1)] !== UP) throw new Error('another filter');
    for (let x = 0; x < lineBytes; x += 1) {
      const above = y === 0 ? 0 : bytes[(y - 1) * lineBytes + x]!;
      bytes[y * lineBytes + x] = lines[y * (lineBytes + 1) + 1 + x]! + above;
    }
  }
  return { width, height, channels, bytes };
}

/** Reads a picture that dcmtk wrote (PGM, PPM). */
export function decodePnm(file: Buffer): DecodedPicture {
  const head = /^P([56])\s+(?:#.*\s+)*(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 200));
  if (!head) throw new Error('no PNM of eight bits');
  const [whole, kind, width, height] = head;
  return {
    width: Number(width),
    height: Number(height),
    channels: kind === '6' ? 3 : 1,
    bytes: file.subarray(whole.length),
  };
}

/** The largest difference of two pictures of one size, of 255. */
export function difference(one: DecodedPicture, other: DecodedPicture): number {
  if (one.width !== other.width || one.height !== other.height || one.channels !== other.channels)
    throw new Error('of different sizes');
  let most = 0;
  for (let at = 0; at < one.bytes.length; at += 1)
    most = Math.max(most, Math.abs(one.bytes[at]! - other.bytes[at]!));
  return most;
}
