/** No object can be made of what was sent; the message says why, for whoever sent it, without its content. */
export class CreationError extends Error {
  override readonly name: string = 'CreationError';
}
