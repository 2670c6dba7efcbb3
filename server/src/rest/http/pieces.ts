/** A text as the texts that follow each other in it: it is put together only as bytes, once. */
export type Pieces = readonly string[];

export const textOf = (body: string | Pieces): string => (typeof body === 'string' ? body : body.join(''));

/**
 * The text itself where that is the quickest way to its bytes, that is where all of it is ASCII: it then goes out in one piece with its headers.
 * Anything else as UTF-8.
 */
export function textOrBytes(body: string | Pieces): string | Buffer {
  if (typeof body === 'string') return body;
  const isAscii = body.every((piece) => Buffer.byteLength(piece) === piece.length);
  return isAscii ? body.join('') : bytesOf(body);
}

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
