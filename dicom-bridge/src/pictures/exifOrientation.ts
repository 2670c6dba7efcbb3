const EXIF = Buffer.from('Exif\0\0', 'latin1');
const LITTLE_ENDIAN = 'II';
const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;
const UPRIGHT = 1;
const ORIENTATION_MAX = 8;

/** How the camera was held, as the segment APP1 of a JPEG file has it: 1 to 8, where 1 is upright; also where it does not say. */
export function exifOrientation(segment: Buffer): number {
  if (!segment.subarray(0, EXIF.length).equals(EXIF)) return UPRIGHT;
  const tiff = segment.subarray(EXIF.length);
  if (tiff.length < 8) return UPRIGHT;
  const isLittle = tiff.toString('latin1', 0, 2) === LITTLE_ENDIAN;
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return UPRIGHT;
  const end = Math.min(directory + 2 + short(directory) * ENTRY_BYTES, tiff.length);
  for (let at = directory + 2; at + ENTRY_BYTES <= end; at += ENTRY_BYTES)
    if (short(at) === ORIENTATION && short(at + 2) === SHORT) return known(short(at + 8));
  return UPRIGHT;
}

const known = (value: number): number => (value >= UPRIGHT && value <= ORIENTATION_MAX ? value : UPRIGHT);
