import { PictureError } from './pictureError.ts';

/** What is added to a byte, of those to the left, above, and above to the left (ISO/IEC 15948 section 9.2). */
type Predict = (left: number, above: number, aboveLeft: number) => number;

const PREDICTORS: readonly Predict[] = [
  () => 0,
  (left) => left,
  (_left, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

function paeth(left: number, above: number, aboveLeft: number): number {
  const guess = left + above - aboveLeft;
  const [toLeft, toAbove] = [Math.abs(guess - left), Math.abs(guess - above)];
  const toAboveLeft = Math.abs(guess - aboveLeft);
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
  return toAbove <= toAboveLeft ? above : aboveLeft;
}

/**
 * Takes the filter off a line, in place.
 *
 * @param from where the line begins, with the number of its filter
 * @param before where the bytes of the line above begin, which has none any more; undefined for the first
 * @throws PictureError for a filter that there is not
 */
export function unfilter(
  lines: Buffer,
  from: number,
  lineBytes: number,
  before: number | undefined,
  pixelBytes: number,
): void {
  const predict = PREDICTORS[lines[from]!];
  if (!predict) throw new PictureError('The PNG file is damaged: a line has a filter that does not exist.');
  const first = from + 1;
  for (let x = 0; x < lineBytes; x += 1) {
    const left = x < pixelBytes ? 0 : lines[first + x - pixelBytes]!;
    const above = before === undefined ? 0 : lines[before + x]!;
    const aboveLeft = before === undefined || x < pixelBytes ? 0 : lines[before + x - pixelBytes]!;
    lines[first + x] = lines[first + x]! + predict(left, above, aboveLeft);
  }
}
