const LINE_FEED = 0x0a;

/**
 * The lines of a stream (NDJSON), without the line feed that ends them; a line of more than `bytesMax` comes as undefined and is
 * not held.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Buffer | undefined, void> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  const add = (piece: Uint8Array): void => {
    bytes += piece.byteLength;
    if (bytes > bytesMax) pieces = [];
    else pieces.push(piece);
  };
  const finish = (): Buffer | undefined => {
    const line = bytes > bytesMax ? undefined : Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (bytes > 0) yield finish();
}
