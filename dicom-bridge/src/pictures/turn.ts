/** Pixels of 8 bits a sample, colours side by side. */
export interface TurnedPixels {
  width: number;
  height: number;
  channels: 1 | 3;
  bytes: Uint8Array;
}

/** Where a pixel of the upright picture is in the stored one, by the number that Exif has for it (JEITA CP-3451, tag Orientation). */
type Place = (x: number, y: number, width: number, height: number) => number;
const PLACES: Readonly<Record<number, Place>> = {
  2: (x, y, width) => y * width + (width - 1 - x),
  3: (x, y, width, height) => (height - 1 - y) * width + (width - 1 - x),
  4: (x, y, width, height) => (height - 1 - y) * width + x,
  5: (x, y, width) => x * width + y,
  6: (x, y, width, height) => (height - 1 - x) * width + y,
  7: (x, y, width, height) => (height - 1 - x) * width + (width - 1 - y),
  8: (x, y, width) => x * width + (width - 1 - y),
};
/** From here on, width and height change places. */
const FIRST_ON_ITS_SIDE = 5;

/** A picture as it is to be looked at: DICOM has no tag that says how it was held. */
export function turned(pixels: TurnedPixels, orientation: number): TurnedPixels {
  const place = PLACES[orientation];
  if (!place) return pixels;
  const { width, height, channels, bytes } = pixels;
  const isOnSide = orientation >= FIRST_ON_ITS_SIDE;
  const size = isOnSide ? { width: height, height: width } : { width, height };
  const upright = new Uint8Array(bytes.length);
  for (let y = 0, to = 0; y < size.height; y += 1)
    for (let x = 0; x < size.width; x += 1) {
      const from = place(x, y, width, height) * channels;
      for (let channel = 0; channel < channels; channel += 1, to += 1) upright[to] = bytes[from + channel]!;
    }
  return { ...size, channels, bytes: upright };
}
