const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENS: ReadonlySet<number> = new Set([0x7b, 0x5b]);

/**
 * Those members of a JSON object that have one of the names, as `JSON.parse` has them; the others are passed over, which takes a
 * part of the time of parsing them.
 *
 * @param text compact and well-formed, as we store it: an object in which no name stands twice
 */
export function someMembers(text: string, names: ReadonlySet<string>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  let missing = names.size;
  for (let at = 1; missing > 0 && text.charCodeAt(at) === QUOTE;) {
    const colon = endOfString(text, at);
    const end = endOfValue(text, colon + 1);
    const name = nameAt(text, at, colon);
    if (names.has(name)) {
      found[name] = JSON.parse(text.slice(colon + 1, end));
      missing--;
    }
    if (text.charCodeAt(end) !== COMMA) break;
    at = end + 1;
  }
  return found;
}

function nameAt(text: string, at: number, end: number): string {
  const name = text.slice(at + 1, end - 1);
  return name.includes('\\') ? (JSON.parse(text.slice(at, end)) as string) : name;
}

/** Index behind the value that begins at `at`. */
function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  return OPENS.has(first) ? endOfNested(text, at) : endOfPlain(text, at);
}

/** Of a number or a word, which nothing but `,` or `}` follows. */
function endOfPlain(text: string, at: number): number {
  let i = at;
  for (let c = text.charCodeAt(i); c !== COMMA && c !== 0x7d; c = text.charCodeAt(++i)) if (c !== c) break;
  return i;
}

function endOfNested(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i) - 1;
    else if (c === 0x7b || c === 0x5b) depth++;
    else if ((c === 0x7d || c === 0x5d) && --depth === 0) return i + 1;
  }
  return text.length;
}

/** Index behind the closing quote of the string that opens at `at`. */
export function endOfString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (quote >= 0 && text.charCodeAt(quote - 1) === BACKSLASH && isEscaped(text, quote))
    quote = text.indexOf('"', quote + 1);
  return quote < 0 ? text.length : quote + 1;
}

/** Whether an odd number of backslashes stands in front. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}
