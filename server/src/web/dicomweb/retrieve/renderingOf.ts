import { fhirError, type FhirError } from '../../../fhir/outcome.ts';
import type { Rendering } from '../../../imaging/bridge/rendering.ts';
import { valueOf, type DicomwebRequest } from '../request.ts';

/** Pixels on a side that a viewer may ask for. */
const VIEWPORT_MAX = 8_192;
const QUALITY_MAX = 100;
const DEFAULT_FUNCTION = 'linear';
const FUNCTIONS = [DEFAULT_FUNCTION, 'linear-exact', 'sigmoid'] as const;
type WindowFunction = (typeof FUNCTIONS)[number];
const NUMBER = /^[+-]?\d{1,9}(?:\.\d{1,9})?$/;

/**
 * Reads how a frame is to be rendered (PS3.18 section 8.3.5): window, viewport, quality.
 *
 * @throws FhirError `incorrect` that names the parameter
 */
export function renderingOf(query: DicomwebRequest['query'], format: Rendering['format']): Rendering {
  const window = windowOf(valueOf(query, 'window'));
  const viewport = viewportOf(valueOf(query, 'viewport'));
  const quality = valueOf(query, 'quality');
  if (quality !== undefined && !isWithin(quality, QUALITY_MAX))
    throw wrong('quality', `quality takes a number from 1 to ${QUALITY_MAX}.`);
  return {
    format,
    ...(window && { window }),
    ...(viewport && { viewport }),
    ...(quality !== undefined && { quality: Number(quality) }),
  };
}

function windowOf(text: string | undefined): Rendering['window'] {
  if (text === undefined) return undefined;
  const [center = '', width = '', shape = DEFAULT_FUNCTION, ...more] = text.split(',');
  const isFunction = (FUNCTIONS as readonly string[]).includes(shape.toLowerCase());
  const isWindow = NUMBER.test(center) && NUMBER.test(width) && Number(width) > 0;
  if (!isWindow || !isFunction || more.length > 0)
    throw wrong(
      'window',
      `window takes a center, a width above 0 and one of ${FUNCTIONS.join(', ')}: window=50,350,linear.`,
    );
  return { center: Number(center), width: Number(width), function: shape.toLowerCase() as WindowFunction };
}

function viewportOf(text: string | undefined): Rendering['viewport'] {
  if (text === undefined) return undefined;
  const [width = '', height = '', ...region] = text.split(',');
  if (region.length > 0)
    throw wrong(
      'viewport',
      'A part of an image is not rendered by itself: viewport takes a width and a height.',
    );
  if (!isWithin(width, VIEWPORT_MAX) || !isWithin(height, VIEWPORT_MAX))
    throw wrong(
      'viewport',
      `viewport takes a width and a height from 1 to ${VIEWPORT_MAX}: viewport=512,512.`,
    );
  return { width: Number(width), height: Number(height) };
}

const isWithin = (text: string, max: number): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= max;

const wrong = (parameter: string, text: string): FhirError =>
  fhirError('incorrect', 'value', text, `http.${parameter}`);
