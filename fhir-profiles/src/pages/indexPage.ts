import type { CodeSystem, SearchParameter, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import type { ProfileResource } from '../definitions.ts';
import { canonicalLink, code, table } from './markdown.ts';

const NOTE =
  'Made from fhir-profiles/ by `npx node scripts/docs/profiles.mjs`: change it there. How they are written, tested and loaded stands in [fhir-profiles/README.md](../../fhir-profiles/README.md).';

/** The page that names everything that MaxRay defines. */
export function indexPage(definitions: readonly ProfileResource[]): string {
  const structures = definitions.filter((one) => one.resourceType === 'StructureDefinition');
  const isExtension = ({ type }: StructureDefinition) => type === 'Extension';
  return (
    [
      "# MaxRay's own profiles",
      NOTE,
      'Who may do what with them, and with the rest of R4: [roles](roles.md).',
      '## Profiles',
      structureTable(
        'profile',
        structures.filter((one) => !isExtension(one)),
      ),
      '## Extensions',
      structureTable('extension', structures.filter(isExtension)),
      '## Search parameters',
      'Those of R4 that the workflows lack.',
      table(
        ['parameter', 'of', 'type', 'what it serves'],
        definitions.filter((one) => one.resourceType === 'SearchParameter').map(parameterRow),
      ),
      '## Value sets',
      table(
        ['value set', 'what it holds', 'codes'],
        definitions.filter((one) => one.resourceType === 'ValueSet').map(valueSetRow),
      ),
      '## Code systems',
      ...definitions.filter((one) => one.resourceType === 'CodeSystem').map(codeSystemPart),
    ].join('\n\n') + '\n'
  );
}

function structureTable(kind: string, structures: readonly StructureDefinition[]): string {
  const rows = structures.map((one) => [
    canonicalLink(one.url ?? ''),
    one.context?.map(({ expression }) => expression).join(', ') ?? one.type ?? '',
    `${one.description} ${one.purpose}`,
  ]);
  return table([kind, 'of', 'what it is for'], rows);
}

function parameterRow({ code: name = '', base = [], type, description = '' }: SearchParameter): string[] {
  return [code(name), base.join(', '), type ?? '', description];
}

function valueSetRow({ id, description = '', compose }: ValueSet): string[] {
  const codes = (compose?.include ?? []).map(({ system, concept }) => {
    const some = concept?.map((one) => code(one.code ?? '')).join(', ') ?? 'all';
    return `${some} of ${code(system ?? '')}`;
  });
  return [code(id ?? ''), description, codes.join('; ')];
}

function codeSystemPart({ url, title, description, concept = [] }: CodeSystem): string {
  const rows = concept.map((one) => [code(one.code ?? ''), one.display ?? '', one.definition ?? '']);
  return `### ${title}\n\n${description} ${code(url ?? '')}\n\n${table(['code', 'name', 'meaning'], rows)}`;
}
