/** A text as the texts that follow each other in it: it is put together only as bytes, once. */
export type Pieces = readonly string[];

export const textOf = (body: string | Pieces): string => (typeof body === 'string' ? body : body.join(''));

/**
 * UTF-8 of a text. Piece by piece, because one letter beyond Latin-1 makes a JavaScript string twice as large and several times
 * slower to encode: so it only does with its own piece.
 */
export function bytesOf(body: string | Pieces): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  let length = 0;
  for (const piece of body) length += Buffer.byteLength(piece);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of body) at += bytes.write(piece, at);
  return bytes;
}
