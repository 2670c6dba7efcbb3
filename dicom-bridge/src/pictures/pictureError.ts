/** A file is no picture that can be stored; the message says why, for whoever sent it, without its content. */
export class PictureError extends Error {
  override readonly name = 'PictureError';
}
