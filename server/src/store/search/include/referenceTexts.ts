import type { ReferenceTexts } from './localReference.ts';

/** Members whose texts name other resources. */
const MEMBERS = ['"reference"', '"url"'] as const;

/** A member's value, where it is a text: what stands between the quotes. */
const TEXT_VALUE = /\s*:\s*"((?:[^"\\]|\\.)*)"/y;

/** Characters written by number could also spell the name of a member. */
const BY_NUMBER = '\\u';

/**
 * Values of all members `reference` and `url` of a resource, from its JSON text: ten times as fast as parsing it. Within a
 * text, quotes are escaped, so that none looks like a member.
 */
export function referenceTexts(content: string): ReferenceTexts {
  if (content.includes(BY_NUMBER)) return parsedTexts(JSON.parse(content));
  const [references, urls] = MEMBERS.map((member) => valuesOf(content, member)) as [string[], string[]];
  return { references, urls };
}

function valuesOf(content: string, member: string): string[] {
  const found: string[] = [];
  for (let at = content.indexOf(member); at >= 0; at = content.indexOf(member, at)) {
    at += member.length;
    TEXT_VALUE.lastIndex = at;
    const text = TEXT_VALUE.exec(content)?.[1];
    if (text !== undefined) found.push(text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text);
  }
  return found;
}

/** The same of plain JSON. */
function parsedTexts(resource: unknown): ReferenceTexts {
  const found = { references: [] as string[], urls: [] as string[] };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) return value.forEach(visit);
    const { reference, url } = value as { reference?: unknown; url?: unknown };
    if (typeof reference === 'string') found.references.push(reference);
    if (typeof url === 'string') found.urls.push(url);
    Object.values(value).forEach(visit);
  };
  visit(resource);
  return found;
}
