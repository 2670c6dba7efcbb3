import { CANONICAL_BASE } from '../definitions.ts';

/** A table; cells are Markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');

export const code = (text: string): string => `\`${text}\``;

/** A canonical URL as a link: to the page of a profile, to the index for a value set of MaxRay's, to the specification for R4's. */
export function canonicalLink(url: string): string {
  const name = url.slice(url.lastIndexOf('/') + 1).split('|')[0] ?? '';
  if (url.startsWith(`${CANONICAL_BASE}/StructureDefinition/`)) return `[${name}](${name}.md)`;
  if (url.startsWith(`${CANONICAL_BASE}/ValueSet/`)) return `[${name}](README.md#value-sets)`;
  if (url.startsWith('http://hl7.org/fhir/StructureDefinition/')) return name;
  if (url.startsWith('http://hl7.org/fhir/')) return `[${name}](${url.replace('/fhir/', '/fhir/R4/')})`;
  return code(url);
}
