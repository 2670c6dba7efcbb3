import type { ChromiumPage } from '../../../support/chromium.ts';

/** Means of grey, 0 to 255, of the quarters of the image of a pane: top left, top right, bottom left, bottom right. */
export type Shades = [number, number, number, number];

/** Where the square image of a pane is on the screen: in the middle of its canvas, as large as it can be. */
const SQUARE = (pane: number) => `(() => {
  const { left, top, width, height } = document.querySelectorAll('.pane')[${pane}].querySelector('canvas').getBoundingClientRect();
  const side = Math.min(width, height);
  return { left: left + (width - side) / 2, top: top + (height - side) / 2, side };
})()`;

/** Looks at the middle of each quarter of a picture, in a page of its own: that of the viewer takes no data URLs. */
const MEANS = (png: string, square: object) => `(async () => {
  const { left, top, side } = ${JSON.stringify(square)};
  const image = new Image();
  image.src = 'data:image/png;base64,${png}';
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  return [[0, 0], [1, 0], [0, 1], [1, 1]].map(([x, y]) => {
    const part = side / 8;
    const { data } = canvas.getImageData(left + (x / 2 + 0.25) * side - part / 2, top + (y / 2 + 0.25) * side - part / 2, part, part);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += (data[at] + data[at + 1] + data[at + 2]) / 3;
    return Math.round(sum / (data.length / 4));
  });
})()`;

/** What a screenshot of the viewer shows of a pane. @param eye another page */
export async function shadesOf(eye: ChromiumPage, viewer: ChromiumPage, pane = 0): Promise<Shades> {
  const square = (await viewer.evaluate(SQUARE(pane))) as object;
  const png = (await viewer.screenshot()).toString('base64');
  return (await eye.evaluate(MEANS(png, square))) as Shades;
}
