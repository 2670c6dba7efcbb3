import { crc32, deflateSync } from 'node:zlib';
import type { Picture } from './grayscale.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const GRAY = 0;
const TRUE_COLOUR = 2;
/** Each byte is stored as what it differs from the one above it. */
const FILTER_UP = 2;
/** Little is gained beyond it, and much time lost. */
const LEVEL = 4;

/** A picture as PNG (ISO/IEC 15948), without loss. */
export function encodePng({ width, height, channels, bytes }: Picture): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits of a sample
  header[9] = channels === 1 ? GRAY : TRUE_COLOUR;
  const lines = filtered(bytes, width * channels, height);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: LEVEL })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function filtered(bytes: Uint8Array, lineBytes: number, lines: number): Buffer {
  const into = Buffer.alloc(lines * (lineBytes + 1));
  for (let line = 0; line < lines; line += 1) {
    const to = line * (lineBytes + 1);
    into[to] = FILTER_UP;
    for (let x = 0; x < lineBytes; x += 1) {
      const at = line * lineBytes + x;
      into[to + 1 + x] = bytes[at]! - (line === 0 ? 0 : bytes[at - lineBytes]!);
    }
  }
  return into;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
