import { endOfNumber } from './scan.ts';

const QUOTE = 0x22;
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/**
 * The tree of a JSON text in which some numbers stand as their source text (`JSON.rawJSON`). The text is parsed again with these
 * numbers in quotes: what is a string then and was a number before is one of them. A reviver would tell the same, several
 * times slower.
 *
 * @param bytes well-formed JSON in UTF-8 without byte order mark @param starts where those numbers begin, ascending @param value what the text is parsed to; returned
 * if there are no such numbers
 */
export function withExactNumbers(bytes: Uint8Array, starts: readonly number[], value: unknown): unknown {
  if (starts.length === 0) return value;
  return withSources(JSON.parse(quoted(bytes, starts)), value);
}

/** The text with its numbers that begin at `starts` in quotes. */
function quoted(bytes: Uint8Array, starts: readonly number[]): string {
  const result = Buffer.allocUnsafe(bytes.length + 2 * starts.length);
  let from = 0;
  let at = 0;
  const copyTo = (end: number) => {
    while (from < end) result[at++] = bytes[from++]!;
  };
  for (const start of starts) {
    copyTo(start);
    result[at++] = QUOTE;
    copyTo(endOfNumber(bytes, start));
    result[at++] = QUOTE;
  }
  copyTo(bytes.length);
  return result.toString();
}

/** @param marked tree of the text with quotes; changed in place @param value tree of the same text without them */
function withSources(marked: unknown, value: unknown): unknown {
  if (typeof value === 'number') return typeof marked === 'string' ? rawJson(marked) : marked;
  if (Array.isArray(value)) withItemSources(marked as unknown[], value);
  else if (typeof value === 'object' && value !== null)
    withMemberSources(marked as Members, value as Members);
  return marked;
}

type Members = Record<string, unknown>;

function withItemSources(marked: unknown[], items: readonly unknown[]): void {
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (isNumberOrTree(item)) marked[index] = withSources(marked[index], item);
  }
}

function withMemberSources(marked: Members, members: Members): void {
  for (const name in members) {
    const member = members[name];
    if (isNumberOrTree(member)) marked[name] = withSources(marked[name], member);
  }
}

const isNumberOrTree = (value: unknown) => typeof value === 'number' || typeof value === 'object';
