/** Lines of a stream of bytes, without their ends. */
export async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  for await (const bytes of source) {
    const parts = decoder.decode(bytes, { stream: true }).split('\n');
    for (const [i, part] of parts.entries()) {
      pieces.push(part);
      if (i === parts.length - 1) break;
      yield pieces.join('');
      pieces = [];
    }
  }
}
