/** All chunks as one buffer, or undefined when there are more than `bytesMax`. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return undefined;
    pieces.push(chunk);
  }
  return Buffer.concat(pieces);
}
