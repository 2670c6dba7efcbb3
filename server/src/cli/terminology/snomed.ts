import path from 'node:path';
import type { Release, ReleaseStep } from './release.ts';

const SNOMED = 'http://snomed.info/sct';
const IS_A = '116680003';
const FULLY_SPECIFIED_NAME = '900000000000003001';
const SYNONYM = '900000000000013009';
const PREFERRED = '900000000000548007';
const US_ENGLISH = '900000000000509007';
const PRIMITIVE = '900000000000074008';
/** Modules of editions, by what their files are called. */
const MODULES: Record<string, string> = {
  INT: '900000000000207008',
  US: '731000124108',
  US1000124: '731000124108',
  GB: '999000041000000102',
  CH: '2011000195101',
  DE: '11000274103',
  AU: '32506021000036107',
  AU1000036: '32506021000036107',
};

const USES: Record<string, string> = {
  [FULLY_SPECIFIED_NAME]: JSON.stringify({
    system: SNOMED,
    code: FULLY_SPECIFIED_NAME,
    display: 'Fully specified name',
  }),
  [SYNONYM]: JSON.stringify({ system: SNOMED, code: SYNONYM, display: 'Synonym' }),
};

/** SNOMED CT, release format 2, snapshot files. */
export function snomedRelease(files: readonly string[]): Release | undefined {
  const named = (pattern: RegExp) => files.filter((file) => pattern.test(path.basename(file)));
  const [concepts] = named(/^x?sct2_Concept_Snapshot_.*\.txt$/);
  if (concepts === undefined) return undefined;
  const [, edition = '', date = ''] = /_([A-Za-z0-9]+)_(\d{8})\.txt$/.exec(concepts) ?? [];
  const module = MODULES[edition];
  return {
    url: SNOMED,
    version: module === undefined ? undefined : `${SNOMED}/${module}/version/${date}`,
    header: {
      name: 'SNOMED_CT',
      title: 'SNOMED Clinical Terms',
      language: 'en',
      caseSensitive: false,
      isHierarchical: true,
      properties: [
        { code: 'inactive', uri: 'http://hl7.org/fhir/concept-properties#inactive', type: 'boolean' },
        { code: 'sufficientlyDefined', type: 'boolean' },
        { code: 'moduleId', type: 'code' },
        { code: 'refset', type: 'code' },
      ],
    },
    steps: [
      step('concepts', concepts, (field) => {
        const code = field('id');
        return [
          { kind: 'concept', code, inactive: field('active') === '0' },
          { kind: 'property', code, property: 'moduleId', value: field('moduleId') },
          {
            kind: 'property',
            code,
            property: 'sufficientlyDefined',
            value: String(field('definitionStatusId') !== PRIMITIVE),
          },
        ];
      }),
      ...named(/^x?sct2_(Description|TextDefinition)_Snapshot.*\.txt$/).map(descriptions),
      ...named(/^x?der2_cRefset_LanguageSnapshot.*\.txt$/).map(languages),
      ...named(/^x?sct2_Relationship_Snapshot_.*\.txt$/).map(relationships),
      ...named(/^x?der2_Refset_SimpleSnapshot.*\.txt$/).map(references),
    ],
  };
}

const step = (name: string, file: string, read: ReleaseStep['read']): ReleaseStep => ({
  name: `${name} (${path.basename(file)})`,
  file,
  separator: '\t',
  hasHeader: true,
  read,
});

const descriptions = (file: string): ReleaseStep =>
  step('descriptions', file, (field) => {
    const use = USES[field('typeId')];
    if (field('active') === '0' || use === undefined) return [];
    const rank = field('typeId') === SYNONYM ? 1 : 0;
    const shared = { code: field('conceptId'), id: field('id'), language: field('languageCode') };
    return [{ kind: 'term', ...shared, use, value: field('term'), rank }];
  });

/** Preferred synonyms become displays; those of US English before others. Fully specified names are preferred, too, but longer. */
const languages = (file: string): ReleaseStep =>
  step('languages', file, (field) => {
    if (field('active') === '0' || field('acceptabilityId') !== PREFERRED) return [];
    const rank = field('refsetId') === US_ENGLISH ? 3 : 2;
    return [{ kind: 'rank', id: field('referencedComponentId'), rank }];
  });

const relationships = (file: string): ReleaseStep =>
  step('relationships', file, (field) => {
    if (field('active') === '0') return [];
    const [code, type, value] = [field('sourceId'), field('typeId'), field('destinationId')];
    if (type === IS_A) return [{ kind: 'parent', code, parent: value }];
    return [{ kind: 'property', code, property: type, value }];
  });

const references = (file: string): ReleaseStep =>
  step('reference sets', file, (field) =>
    field('active') === '0'
      ? []
      : [
          {
            kind: 'property',
            code: field('referencedComponentId'),
            property: 'refset',
            value: field('refsetId'),
          },
        ],
  );
