import { isDeepStrictEqual } from 'node:util';
import { SaxesParser } from 'saxes';

/** An element of an XML document, or a text, without what means nothing. */
export type Canonical = string | { name: string; attributes: string[]; content: Canonical[] };
type CanonicalElement = Exclude<Canonical, string>;

/**
 * What an XML document says: namespaces resolved, attributes sorted, comments gone. White space in text counts as one
 * blank and none at its ends, as HTML shows it: elements of FHIR have no other text, and in narratives no more is meant.
 */
export function canonicalXml(text: string): CanonicalElement {
  const root: CanonicalElement = { name: '', attributes: [], content: [] };
  const open = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', (tag) => {
    const attributes = Object.values(tag.attributes)
      .filter(({ uri }) => uri !== 'http://www.w3.org/2000/xmlns/')
      .map(({ uri, local, value }) => `${uri} ${local}=${value}`);
    const element = { name: `${tag.uri} ${tag.local}`, attributes: attributes.sort(), content: [] };
    open.at(-1)!.content.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (part) => {
    const plain = part.replace(/[ \t\r\n]+/g, ' ').trim();
    if (plain !== '') open.at(-1)!.content.push(plain);
  });
  parser.write(text).close();
  return root.content[0] as CanonicalElement;
}

const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): value is { rawJSON: string } };

/**
 * A JSON tree made comparable: numbers by their digits, and by what they say the strings that are asked for.
 *
 * @param said what a string says, by the name of its property; absent: its letters
 * @param digits of numbers: `all`, or those that a `double` has
 */
export function comparable(
  value: unknown,
  {
    said = same,
    digits = 'all',
  }: { said?: (text: string, name: string) => unknown; digits?: 'all' | 'double' } = {},
  name = '',
): unknown {
  const part = (item: unknown, key: string) => comparable(item, { said, digits }, key);
  if (isRawJSON(value) || typeof value === 'number') {
    const text = isRawJSON(value) ? value.rawJSON : String(value);
    return { number: digits === 'all' ? text : String(Number(text)) };
  }
  if (typeof value === 'string') return said(value, name);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => part(item, name));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, part(item, key)]));
}

const same = (text: string): unknown => text;

/** Narratives by what they say: there are many ways to escape and to break lines. */
export const narrativeSaid = (text: string, name: string) => (name === 'div' ? canonicalXml(text) : text);

/** The path to the first place in which two trees differ; undefined: they are equal. */
export function difference(a: unknown, b: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  const isTree = [a, b].every((value) => typeof value === 'object' && value !== null);
  if (!isTree) return path;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = difference(left[name], right[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return path;
}
