/** Size of an image as its own codestream tells it. */
export interface CodestreamSize {
  width: number;
  height: number;
}

const MARKER = 0xff;
const START_OF_SCAN = 0xda;
/** JPEG and JPEG-LS: start of frame. C4, C8 and CC are others (ITU-T T.81 table B.1, T.87 annex C). */
const isStartOfFrame = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
/** JPEG 2000: start of codestream, and the size segment that follows it at once (ITU-T T.800 section A.5.1). */
const JPEG_2000 = 0xff4f_ff51;

/**
 * Reads what a codestream says of its size, before a decoder takes memory for it.
 *
 * @returns undefined where it is not told where it is looked for
 */
export function codestreamSize(bytes: Uint8Array): CodestreamSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 24) return undefined;
  if (view.getUint32(0) === JPEG_2000)
    return {
      width: view.getUint32(8) - view.getUint32(16),
      height: view.getUint32(12) - view.getUint32(20),
    };
  for (let at = 2; at + 9 <= view.byteLength && view.getUint8(at) === MARKER;) {
    const marker = view.getUint8(at + 1);
    if (isStartOfFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    if (marker === START_OF_SCAN) return undefined;
    at += marker === MARKER ? 1 : 2 + view.getUint16(at + 2); // filling bytes may stand before a marker
  }
  return undefined;
}
