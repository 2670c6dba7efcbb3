import type { Access, AccessInteraction } from '../../access/access.ts';
import { withoutElements } from '../../access/elements/withoutElements.ts';
import { parseExact } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';

/** The text of a resource as the caller may see it, with every digit of what is left. */
export function shown(access: Access, interaction: AccessInteraction, type: string, content: string): string {
  if (access.hidden(type, interaction).length === 0) return content;
  const hidden = access.hiddenIn(type, JSON.parse(content) as Resource, interaction);
  if (hidden.length === 0) return content;
  const paths = hidden.map((path) => path.split('.'));
  return JSON.stringify(withoutElements(parseExact(content) as Resource, paths));
}
