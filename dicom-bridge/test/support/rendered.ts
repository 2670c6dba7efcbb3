import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { findFrames, readFrame } from '../../src/frames/frames.ts';
import { readPresentation } from '../../src/rendering/presentation.ts';
import type { Renderer } from '../../src/rendering/renderer.ts';
import type { RenderTask } from '../../src/rendering/renderTask.ts';
import { dcmtk } from './dcmtk.ts';
import { decodePng, decodePnm, type DecodedPicture } from './picture.ts';
import { withObject } from './storedFile.ts';

type Wish = Partial<Pick<RenderTask, 'window' | 'viewport'>>;

/** To make a PNG of a frame. @param file its content, or where it is */
export const taskOf = (folder: string, file: Buffer | string, frame = 0): Promise<RenderTask> =>
  withObject(folder, file, async (object) => {
    const index = (await findFrames(object))!;
    const { pixels, transferSyntaxUid } = index;
    const bytes = await readFrame(index, object.source, frame);
    const presentation = readPresentation(object.dataSet, frame);
    return {
      kind: 'picture',
      format: 'image/png',
      frame: { pixels, transferSyntaxUid, bytes },
      presentation,
    };
  });

/** What a renderer makes of it. */
export async function pictureBy(
  renderer: Renderer,
  folder: string,
  file: Buffer | string,
  wish: Wish = {},
  frame = 0,
): Promise<DecodedPicture> {
  return decodePng(await renderer.do({ ...(await taskOf(folder, file, frame)), ...wish }));
}

/** What dcmtk makes of it. */
export async function shownByDcmtk(
  folder: string,
  file: Buffer | string,
  options: readonly string[],
): Promise<DecodedPicture> {
  const at = typeof file === 'string' ? file : path.join(folder, 'shown.dcm');
  if (typeof file !== 'string') writeFileSync(at, file);
  const picture = path.join(folder, 'shown.pnm');
  expect(await dcmtk('dcmj2pnm', ['+op', ...options, at, picture])).toMatchObject({ code: 0 });
  return decodePnm(readFileSync(picture));
}
