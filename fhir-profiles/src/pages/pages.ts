import { readFileSync } from 'node:fs';
import path from 'node:path';
import { structuresWith } from '../baseElement.ts';
import { loadProfiles } from '../definitions.ts';
import { loadExamples, type Example } from '../examples.ts';
import { loadRoles } from '../roles.ts';
import { indexPage } from './indexPage.ts';
import { rolesPage } from './rolesPage.ts';
import { structurePage } from './structurePage.ts';

const EXAMPLES = path.join(import.meta.dirname, '..', '..', 'examples');

/** The pages of documentation by their file names, as Markdown that is not yet formatted. */
export function renderPages(): Map<string, string> {
  const definitions = loadProfiles();
  const own = definitions.filter((one) => one.resourceType === 'StructureDefinition');
  const structures = structuresWith(own);
  const examples = loadExamples();
  const jsonOf = ({ profile, name }: Example) =>
    readFileSync(path.join(EXAMPLES, profile, `${name}.json`), 'utf8');
  const pages = new Map([
    ['README.md', indexPage(definitions)],
    ['roles.md', rolesPage(loadRoles())],
  ]);
  for (const one of own) {
    const its = examples.filter(({ profile }) => profile === one.id);
    pages.set(`${one.id}.md`, structurePage(structures, one, its, jsonOf));
  }
  return pages;
}
