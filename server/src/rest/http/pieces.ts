/** A text as the texts that follow each other in it: it is put together only as bytes, once. */
export type Pieces = readonly string[];

/** A text as it goes out. */
export interface Outgoing {
  content: string | Buffer;
  lengthBytes: number;
  /** Of a string. */
  encoding: 'latin1' | 'utf8';
}

export const textOf = (body: string | Pieces): string => (typeof body === 'string' ? body : body.join(''));

/**
 * The text itself where that is the quickest way to its bytes, that is where all of it is ASCII: it then goes out in one piece with its headers, as
 * Latin-1, which is the same bytes after fewer looks at them. Anything else as UTF-8.
 */
export function outgoing(body: string | Pieces): Outgoing {
  const lengthBytes = lengthBytesOf(body);
  if (lengthBytes === lengthOf(body)) return { content: textOf(body), lengthBytes, encoding: 'latin1' };
  const content = typeof body === 'string' ? body : encoded(body, lengthBytes);
  return { content, lengthBytes, encoding: 'utf8' };
}

/** UTF-8 of a text. */
export const bytesOf = (body: string | Pieces): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : encoded(body, lengthBytesOf(body));

/**
 * Piece by piece, because one letter beyond Latin-1 makes a JavaScript string twice as large and several times slower to encode: so it only does with
 * its own piece.
 */
function encoded(body: Pieces, lengthBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(lengthBytes);
  let at = 0;
  for (const piece of body) at += bytes.write(piece, at);
  return bytes;
}

function lengthBytesOf(body: string | Pieces): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  let length = 0;
  for (const piece of body) length += Buffer.byteLength(piece);
  return length;
}

function lengthOf(body: string | Pieces): number {
  if (typeof body === 'string') return body.length;
  let length = 0;
  for (const piece of body) length += piece.length;
  return length;
}
