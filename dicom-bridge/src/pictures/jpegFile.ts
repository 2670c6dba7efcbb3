import { exifOrientation } from './exifOrientation.ts';
import { PictureError } from './pictureError.ts';

/** What a JPEG file says of itself (ITU-T T.81 annex B). */
export interface JpegFile {
  width: number;
  height: number;
  channels: 1 | 3;
  /** Whether DICOM takes its coding as it is: baseline (T.81 table B.1, SOF0). */
  isBaseline: boolean;
  /** Of colours; otherwise they are red, green and blue. */
  isYbr: boolean;
  /** Whether colours have fewer samples than brightness. */
  isSubsampled: boolean;
  /** How it is to be turned: 1 to 8 of Exif. */
  orientation: number;
  /** From its start to its end, without what cameras add: places, names, thumbnails, films. */
  bytes: Buffer;
}

const MARKER = 0xff;
const START = 0xd8;
const END = 0xd9;
const START_OF_SCAN = 0xda;
const COMMENT = 0xfe;
const [BASELINE, EXTENDED, PROGRESSIVE] = [0xc0, 0xc1, 0xc2];
const [APP0, APP1, APP14, APP15] = [0xe0, 0xe1, 0xee, 0xef];
const BITS = 8;
const NO_SUBSAMPLING = 0x11;
const CUT = 'The JPEG file is damaged, or ends too early: send it again.';

/** Reads it from segment to segment. @throws PictureError where it is none, is damaged, or is of a kind that is not taken */
export function readJpegFile(file: Buffer): JpegFile {
  if (file[0] !== MARKER || file[1] !== START) throw new PictureError('The file is no JPEG file.');
  const kept = [file.subarray(0, 2)];
  const found: Found = { orientation: 1 };
  for (let at = 2; ;) {
    while (file[at] === MARKER && file[at + 1] === MARKER) at += 1; // filling bytes
    if (file[at] !== MARKER || at + 2 > file.length) throw new PictureError(CUT);
    const marker = file[at + 1]!;
    if (marker === END) return jpegFile(found, Buffer.concat([...kept, file.subarray(at, at + 2)]));
    const end = endOfSegment(file, at);
    const segment = file.subarray(at + 4, end);
    note(found, marker, segment);
    const next = marker === START_OF_SCAN ? endOfScan(file, end) : end;
    if (!isAdded(marker)) kept.push(file.subarray(at, next));
    at = next;
  }
}

interface Found {
  frame?: { marker: number; segment: Buffer };
  orientation: number;
  /** Of Adobe: 0 is RGB. */
  transform?: number;
  hasScan?: boolean;
}

function endOfSegment(file: Buffer, at: number): number {
  if (at + 4 > file.length) throw new PictureError(CUT);
  const length = file.readUInt16BE(at + 2);
  if (length < 2 || at + 2 + length > file.length) throw new PictureError(CUT);
  return at + 2 + length;
}

/** Behind entropy-coded data, in which FF is followed by 00 or a restart marker. */
function endOfScan(file: Buffer, from: number): number {
  for (
    let at = file.indexOf(MARKER, from);
    at >= 0 && at + 1 < file.length;
    at = file.indexOf(MARKER, at + 2)
  ) {
    const next = file[at + 1]!;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new PictureError(CUT);
}

function note(found: Found, marker: number, segment: Buffer): void {
  if (marker === APP1 && found.orientation === 1) found.orientation = exifOrientation(segment);
  else if (marker === APP14 && segment.length >= 12) found.transform = segment[11]!;
  else if (marker === START_OF_SCAN) found.hasScan = true;
  else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
    if (found.frame || segment.length < 6 || segment.length < 6 + 3 * segment[5]!)
      throw new PictureError(CUT);
    found.frame = { marker, segment };
  }
}

/** What a decoder does not need, and may tell where a picture was taken. */
const isAdded = (marker: number): boolean =>
  marker === COMMENT || (marker > APP0 && marker <= APP15 && marker !== APP14);

function jpegFile({ frame, orientation, transform, hasScan }: Found, bytes: Buffer): JpegFile {
  if (!frame || hasScan !== true) throw new PictureError(CUT);
  const { marker, segment } = frame;
  const channels = segment[5]!;
  if (![BASELINE, EXTENDED, PROGRESSIVE].includes(marker) || segment[0] !== BITS)
    throw new PictureError(
      'The JPEG file is of a rare kind: send it as baseline or progressive JPEG of 8 bits, or as PNG.',
    );
  if (channels !== 1 && channels !== 3)
    throw new PictureError('The JPEG file has neither one nor three colours: send it as RGB or gray.');
  const components = Array.from({ length: channels }, (_, i) => segment.subarray(6 + 3 * i, 9 + 3 * i));
  const isNamedRgb = Buffer.from(components.map((one) => one[0]!)).toString('latin1') === 'RGB';
  return {
    width: segment.readUInt16BE(3),
    height: segment.readUInt16BE(1),
    channels,
    isBaseline: marker === BASELINE,
    isYbr: channels === 3 && (transform === undefined ? !isNamedRgb : transform !== 0),
    isSubsampled: components.some((one) => one[1] !== components.at(-1)![1] || one[1] !== NO_SUBSAMPLING),
    orientation,
    bytes,
  };
}
