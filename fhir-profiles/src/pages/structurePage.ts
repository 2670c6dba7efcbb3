import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Structures } from '../baseElement.ts';
import type { Example } from '../examples.ts';
import { elementTable, ruleTable } from './elementRows.ts';
import { canonicalLink, code } from './markdown.ts';

/** Where the examples stand, from a page's place. */
const EXAMPLES = '../../fhir-profiles/examples';

/**
 * The page of a profile or an extension.
 *
 * @param examples those of the profile
 * @param jsonOf the text of an example, as its file has it
 */
export function structurePage(
  structures: Structures,
  definition: StructureDefinition,
  examples: readonly Example[],
  jsonOf: (example: Example) => string,
): string {
  const { title, description, purpose, url = '', type, baseDefinition = '', context } = definition;
  const rules = ruleTable(definition);
  const where = context ? `Extension of ${context.map(({ expression }) => expression).join(', ')}` : type;
  const parts = [
    `# ${title}`,
    `${description}`,
    `${purpose}`,
    `${where}, based on ${canonicalLink(baseDefinition)}. Canonical URL: ${code(url)}`,
    '## Elements',
    elementTable(structures, definition),
    ...(rules === undefined ? [] : ['## Rules', rules]),
    ...exampleParts(examples, jsonOf),
  ];
  return parts.join('\n\n') + '\n';
}

function exampleParts(examples: readonly Example[], jsonOf: (example: Example) => string): string[] {
  const passing = examples.filter(({ issues }) => issues.length === 0);
  const failing = examples.filter(({ issues }) => issues.length > 0);
  if (passing.length === 0) return [];
  const list = failing.map(({ profile, name, why }) => {
    return `- [${name.replace('fails-', '').replaceAll('-', ' ')}](${EXAMPLES}/${profile}/${name}.json): ${why}`;
  });
  return [
    '## Example',
    ...passing.map((example) => `\`\`\`json\n${jsonOf(example)}\`\`\``),
    '## What fails',
    list.join('\n'),
  ];
}
