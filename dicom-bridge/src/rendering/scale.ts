import type { Picture } from './grayscale.ts';

export interface Viewport {
  width: number;
  height: number;
}

/** Makes a picture fit, keeping its proportions; one that fits already stays as it is. Each pixel is the mean of those that it stands for. */
export function fitted(picture: Picture, viewport: Viewport): Picture {
  const factor = Math.min(viewport.width / picture.width, viewport.height / picture.height);
  if (factor >= 1) return picture;
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  const { channels } = picture;
  const rows = sharesOf(picture.height, height);
  const columns = sharesOf(picture.width, width);
  const [line, sums] = [
    new Float64Array((width + 1) * channels),
    new Float64Array((width + 1) * (height + 1) * channels),
  ];
  for (let y = 0; y < picture.height; y += 1) {
    line.fill(0);
    addLine(picture, y, columns, line);
    const to = rows.to[y]! * line.length;
    for (let x = 0; x < line.length; x += 1) {
      sums[to + x]! += line[x]! * rows.share[y]!;
      sums[to + line.length + x]! += line[x]! * rows.rest[y]!;
    }
  }
  const bytes = new Uint8Array(width * height * channels);
  const lineBytes = width * channels;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < lineBytes; x += 1) bytes[y * lineBytes + x] = Math.round(sums[y * line.length + x]!);
  return { width, height, channels, bytes };
}

/** For each old pixel of a line, the new one that it falls into, and what it has of that and of the next one. */
interface Shares {
  to: Int32Array;
  share: Float64Array;
  rest: Float64Array;
}

function sharesOf(before: number, after: number): Shares {
  const factor = after / before;
  const shares: Shares = {
    to: new Int32Array(before),
    share: new Float64Array(before),
    rest: new Float64Array(before),
  };
  for (let at = 0; at < before; at += 1) {
    const [from, end] = [at * factor, (at + 1) * factor];
    const to = Math.min(after - 1, Math.floor(from));
    shares.to[at] = to;
    shares.share[at] = Math.min(end, to + 1) - from;
    shares.rest[at] = to === after - 1 ? 0 : Math.max(0, end - (to + 1));
  }
  return shares;
}

function addLine(
  { bytes, width, channels }: Picture,
  y: number,
  { to, share, rest }: Shares,
  line: Float64Array,
): void {
  for (let x = 0; x < width; x += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      const value = bytes[(y * width + x) * channels + channel]!;
      const into = to[x]! * channels + channel;
      line[into]! += value * share[x]!;
      line[into + channels]! += value * rest[x]!;
    }
}
