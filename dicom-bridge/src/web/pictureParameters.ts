import type { PictureWish } from '../retrieve/retrieval.ts';
import { isWindow, isWindowFunction, type Window } from '../rendering/presentation.ts';
import type { PictureFormat } from '../rendering/renderTask.ts';
import type { Viewport } from '../rendering/scale.ts';
import { ApiError } from './apiError.ts';

const FORMATS: readonly string[] = ['image/jpeg', 'image/png'] satisfies PictureFormat[];
const QUALITY_MAX = 100;
const VIEWPORT_MAX = 16_384;
const WHOLE = /^[1-9]\d{0,8}$/;

/** What a query says of how a picture is to be (PS3.18 section 8.3.5). @throws ApiError 400, 406 */
export function pictureWish(query: URLSearchParams): PictureWish {
  const format = query.get('format') ?? 'image/jpeg';
  if (!FORMATS.includes(format)) throw new ApiError(406, `Pictures are made as ${FORMATS.join(' and ')}.`);
  const [window, viewport, quality] = [query.get('window'), query.get('viewport'), query.get('quality')];
  return {
    format: format as PictureFormat,
    ...(window !== null && { window: windowOf(window) }),
    ...(viewport !== null && { viewport: viewportOf(viewport) }),
    ...(quality !== null && {
      quality: whole(quality, QUALITY_MAX, `quality is a whole number from 1 to ${QUALITY_MAX}.`),
    }),
  };
}

/** A number from 1 on. @throws ApiError 400 */
export function whole(text: string, max: number, rule: string): number {
  const value = WHOLE.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw new ApiError(400, rule);
  return value;
}

function windowOf(text: string): Window {
  const [center = '', width = '', name = '', ...more] = text.split(',');
  const isNamed = isWindowFunction(name) && more.length === 0 && center.trim() !== '';
  const window = isNamed ? { center: Number(center), width: Number(width), function: name } : undefined;
  if (window && isWindow(window)) return window;
  throw new ApiError(
    400,
    'window is center,width,function: two numbers and linear, linear-exact or sigmoid. A linear window is at least 1 wide, others more than 0.',
  );
}

function viewportOf(text: string): Viewport {
  const rule = `viewport is width,height: two whole numbers from 1 to ${VIEWPORT_MAX}.`;
  const [width = '', height = '', ...more] = text.split(',');
  if (more.length > 0) throw new ApiError(400, rule);
  return { width: whole(width, VIEWPORT_MAX, rule), height: whole(height, VIEWPORT_MAX, rule) };
}
