import { crc32, deflateSync } from 'node:zlib';

export interface PngKind {
  width: number;
  height: number;
  bitDepth: number;
  colourType: number;
}

/** A PNG file of any kind, whose lines have no filter. @param samples of its lines, one after the other */
export function pngOf(
  { width, height, bitDepth, colourType }: PngKind,
  samples: Buffer,
  palette?: Buffer,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType], 8);
  const lineBytes = Math.ceil(samples.length / height);
  const lines = Array.from({ length: Math.min(height, 1_000) }, (_, line) =>
    Buffer.concat([Buffer.alloc(1), samples.subarray(line * lineBytes, (line + 1) * lineBytes)]),
  );
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
