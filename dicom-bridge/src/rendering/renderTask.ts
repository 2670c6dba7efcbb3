import type { ImagePixels } from '../frames/imagePixels.ts';
import type { Presentation, Window } from './presentation.ts';
import type { Viewport } from './scale.ts';

export type PictureFormat = 'image/jpeg' | 'image/png';

/** A frame as it is stored. */
export interface StoredFrame {
  pixels: ImagePixels;
  transferSyntaxUid: string;
  bytes: Uint8Array;
}

/** To make a picture of a frame. */
export interface RenderTask {
  kind: 'picture';
  frame: StoredFrame;
  presentation: Presentation;
  format: PictureFormat;
  /** Absent: that of the object. */
  window?: Window;
  /** Absent: as large as the frame. */
  viewport?: Viewport;
  /** Of JPEG, 1 to 100. */
  quality?: number;
}

/** To decompress a frame. */
export interface DecodeTask {
  kind: 'decode';
  frame: StoredFrame;
}

export type Task = RenderTask | DecodeTask;

/** What the thread answers. */
export type Outcome = { bytes: Uint8Array } | { fault: string };
