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
  const columns = shares(picture.width, width);
  const rows = shares(picture.height, height);
  const bytes = new Uint8Array(width * height * channels);
  const sums = new Float64Array(width * channels);
  for (const [y, row] of rows.entries()) {
    sums.fill(0);
    for (const { at, share } of row) addRow(picture, at * picture.width * channels, share, columns, sums);
    for (let x = 0; x < sums.length; x += 1) bytes[y * sums.length + x] = Math.round(sums[x]!);
  }
  return { width, height, channels, bytes };
}

interface Share {
  at: number;
  /** Of one, of the new pixel. */
  share: number;
}

/** For each new pixel of a line, the old ones that it covers. */
function shares(before: number, after: number): Share[][] {
  const each = before / after;
  return Array.from({ length: after }, (_, index) => {
    const [from, to] = [index * each, Math.min(before, (index + 1) * each)];
    const covered: Share[] = [];
    for (let at = Math.floor(from); at < to; at += 1)
      covered.push({ at, share: (Math.min(at + 1, to) - Math.max(at, from)) / each });
    return covered;
  });
}

function addRow(
  { bytes, channels }: Picture,
  from: number,
  weight: number,
  columns: readonly Share[][],
  sums: Float64Array,
): void {
  for (let x = 0; x < columns.length; x += 1)
    for (const { at, share } of columns[x]!)
      for (let channel = 0; channel < channels; channel += 1)
        sums[x * channels + channel]! += bytes[from + at * channels + channel]! * share * weight;
}
