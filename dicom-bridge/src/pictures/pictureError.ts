import { CreationError } from '../creation/creationError.ts';

/** A file is no picture that can be stored. */
export class PictureError extends CreationError {
  override readonly name = 'PictureError';
}
