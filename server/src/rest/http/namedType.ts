const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPENS, CLOSES] = [new Set(Buffer.from('{[')), new Set(Buffer.from('}]'))];

/** What may stand before the outermost element of XML, and how it ends. */
const ENDS = [
  ['<?', '?>'],
  ['<!--', '-->'],
  ['<!', '>'],
] as const;

/** The longest name that is looked at: longer ones are no types. */
const NAME_MAX = 64;

/**
 * The type that JSON names by itself, the `resourceType` of its outermost object, whatever else it is: nothing is parsed, so that
 * neither size nor faults of what is not FHIR matter.
 */
export function typeNamedByJson(bytes: Buffer): string | undefined {
  let depth = 0;
  let member: string | undefined; // the one whose value comes next
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      const end = endOfString(bytes, at);
      if (depth === 1) {
        const text = bytes.toString('latin1', at + 1, Math.min(end, at + 1 + NAME_MAX));
        if (member === 'resourceType') return text;
        member = text;
      }
      at = end;
    } else if (OPENS.has(byte)) depth++;
    else if (CLOSES.has(byte)) depth--;
    else if (byte === COMMA && depth === 1) member = undefined;
  }
  return undefined;
}

/** The place of the quotation mark that ends the string which begins at `start`. */
function endOfString(bytes: Buffer, start: number): number {
  let end = bytes.indexOf(QUOTE, start + 1);
  while (end >= 0 && isEscaped(bytes, end)) end = bytes.indexOf(QUOTE, end + 1);
  return end < 0 ? bytes.length : end;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at;
  while (bytes[before - 1] === BACKSLASH) before--;
  return (at - before) % 2 === 1;
}

/** The name of the outermost element of XML, without its prefix; as {@link typeNamedByJson}, nothing is parsed. */
export function typeNamedByXml(bytes: Buffer): string | undefined {
  let at = bytes.indexOf('<');
  while (at >= 0) {
    const begin = bytes.toString('latin1', at, at + NAME_MAX);
    const end = ENDS.find(([start]) => begin.startsWith(start))?.[1];
    if (end === undefined) return /^<(?:[^\s/>:]+:)?([^\s/>:]+)/.exec(begin)?.[1];
    const ended = bytes.indexOf(end, at);
    at = ended < 0 ? -1 : bytes.indexOf('<', ended);
  }
  return undefined;
}
