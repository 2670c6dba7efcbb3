import { endOfString } from '../../../fhir/json/members.ts';
import type { ReferenceTexts } from './localReference.ts';

/** Members whose texts name other resources, up to where the text begins, without the first quote: texts are full of quotes. */
const MEMBERS = ['reference":"', 'url":"'] as const;

/** Characters written by number could also spell the name of a member. */
const BY_NUMBER = '\\u';

/**
 * Values of all members `reference` and `url` of a resource, from its JSON text: twenty times as fast as parsing it. Within a
 * text, quotes are escaped, so that none looks like a member.
 *
 * @param content compact, as we store it
 */
export function referenceTexts(content: string): ReferenceTexts {
  if (content.includes(BY_NUMBER)) return parsedTexts(JSON.parse(content));
  const [references, urls] = MEMBERS.map((member) => valuesOf(content, member)) as [string[], string[]];
  return { references, urls };
}

function valuesOf(content: string, member: string): string[] {
  const found: string[] = [];
  for (let at = content.indexOf(member); at >= 0; at = content.indexOf(member, at)) {
    const isWhole = content[at - 1] === '"';
    const quote = at + member.length - 1;
    at = endOfString(content, quote);
    if (!isWhole) continue;
    const text = content.slice(quote + 1, at - 1);
    found.push(text.includes('\\') ? (JSON.parse(content.slice(quote, at)) as string) : text);
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
