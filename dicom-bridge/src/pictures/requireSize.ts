import { PictureError } from './pictureError.ts';
import { PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX } from './pictureFrame.ts';

/** Before memory is taken for its pixels. @throws PictureError */
export function requireSize({ width, height }: { width: number; height: number }): void {
  if (width < 1 || height < 1) throw new PictureError('The picture has no pixels.');
  if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX || width * height > PICTURE_PIXELS_MAX)
    throw new PictureError(`The picture has more than ${PICTURE_PIXELS_MAX} pixels: send it smaller.`);
}
