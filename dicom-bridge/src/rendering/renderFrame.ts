import { decoded, encodeJpeg } from './codecs.ts';
import { colourPicture, palettePicture } from './colour.ts';
import { grayPicture, type Picture } from './grayscale.ts';
import { NotShownError } from './notShown.ts';
import { encodePng } from './png.ts';
import type { RenderTask, Task } from './renderTask.ts';
import type { RawFrame } from './samples.ts';
import { fitted } from './scale.ts';

/** Does a task; the codecs are loaded. @throws NotShownError, and what a decoder throws */
export function doTask(task: Task): Uint8Array {
  const { pixels, transferSyntaxUid, bytes } = task.frame;
  const frame = decoded(bytes, pixels, transferSyntaxUid);
  if (task.kind === 'decode') return frame.bytes;
  const whole = pictureOf(frame, task);
  const picture = task.viewport ? fitted(whole, task.viewport) : whole;
  return task.format === 'image/png' ? encodePng(picture) : encodeJpeg(picture, task.quality);
}

function pictureOf(frame: RawFrame, { presentation, window }: RenderTask): Picture {
  if (frame.pixels.isFloat) throw new NotShownError('Pixels of floating point numbers are not shown.');
  if (frame.pixels.samplesPerPixel > 1) return colourPicture(frame);
  if (presentation.palette) return palettePicture(frame, presentation.palette);
  return grayPicture(frame, presentation, window);
}
