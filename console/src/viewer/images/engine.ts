import * as core from '@cornerstonejs/core';
import * as imageLoader from '@cornerstonejs/dicom-image-loader';
import * as tools from '@cornerstonejs/tools';

/** Images decoded at once; more only makes phones hot. */
const DECODERS_MAX = 2;

/**
 * Starts Cornerstone. It draws with WebGL, and without where the browser has none.
 *
 * @param onStatus status of an answer that held no image
 */
export function startEngine(onStatus: (status: number) => void): core.RenderingEngine {
  core.init();
  tools.init();
  imageLoader.init({
    maxWebWorkers: Math.min(DECODERS_MAX, navigator.hardwareConcurrency || 1),
    errorInterceptor: (error) => onStatus(error.request?.status ?? 0),
  });
  return new core.RenderingEngine('viewer');
}
