/** How a frame becomes a picture (PS3.18 section 8.3.5). */
export interface Rendering {
  format: 'image/jpeg' | 'image/png';
  /** From 1; absent: the first. */
  frame?: number;
  /** Absent: that of the object. */
  window?: { center: number; width: number; function: 'linear' | 'linear-exact' | 'sigmoid' };
  /** Largest size of the picture, in pixels; absent: that of the object. */
  viewport?: { width: number; height: number };
  /** Of image/jpeg, 1 to 100. */
  quality?: number;
}

/** As the bridge's `rendered` takes it. */
export function renderedQuery({ format, frame, window, viewport, quality }: Rendering): URLSearchParams {
  const query = new URLSearchParams({ format });
  if (frame !== undefined) query.set('frame', String(frame));
  if (window) query.set('window', `${window.center},${window.width},${window.function}`);
  if (viewport) query.set('viewport', `${viewport.width},${viewport.height}`);
  if (quality !== undefined) query.set('quality', String(quality));
  return query;
}
