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
  GB1000000: '999000041000000102',
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

/**
 * SNOMED CT, release format 2, snapshot files; an edition may have several of a kind, of the International Edition and of its own. What is
 * in them stands before `Snapshot` (`UKCLSnapshot`, `LanguageSnapshot-en`).
 */
export function snomedRelease(files: readonly string[]): Release | undefined {
  const named = (pattern: RegExp) => files.filter((file) => pattern.test(path.basename(file)));
  const concepts = named(/^x?sct2_Concept_[A-Za-z]*Snapshot_.*\.txt$/);
  if (concepts.length === 0) return undefined;
  return {
    url: SNOMED,
    version: versionOf(concepts),
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
      ...concepts.map(conceptRows),
      ...named(/^x?sct2_(Description|TextDefinition)_[A-Za-z]*Snapshot.*\.txt$/).map(descriptions),
      ...named(/^x?der2_cRefset_[A-Za-z]*Language[A-Za-z]*Snapshot.*\.txt$/).map(languages),
      ...named(/^x?sct2_Relationship_[A-Za-z]*Snapshot_.*\.txt$/).map(relationships),
      ...named(/^x?der2_Refset_[A-Za-z]*Simple[A-Za-z]*Snapshot.*\.txt$/).map(references),
    ],
  };
}

/** By the names of the files: that of the extension, which tells of which International Edition it is; undefined where the edition is not known here. */
function versionOf(concepts: readonly string[]): string | undefined {
  const editions = concepts.map((file) => {
    const [, country = '', date = ''] = /_([A-Za-z0-9]+)_(\d{8})\.txt$/.exec(file) ?? [];
    return { module: MODULES[country], date, isInternational: country === 'INT' };
  });
  const { module, date } = editions.find(({ isInternational }) => !isInternational) ?? editions[0]!;
  return module === undefined ? undefined : `${SNOMED}/${module}/version/${date}`;
}

const step = (name: string, file: string, read: ReleaseStep['read']): ReleaseStep => ({
  name: `${name} (${path.basename(file)})`,
  file,
  separator: '\t',
  hasHeader: true,
  read,
});

const conceptRows = (file: string): ReleaseStep =>
  step('concepts', file, (field) => {
    const code = field('id');
    const isDefined = String(field('definitionStatusId') !== PRIMITIVE);
    return [
      { kind: 'concept', code, inactive: field('active') === '0' },
      { kind: 'property', code, property: 'moduleId', value: field('moduleId') },
      { kind: 'property', code, property: 'sufficientlyDefined', value: isDefined },
    ];
  });

const descriptions = (file: string): ReleaseStep =>
  step('descriptions', file, (field) => {
    const use = USES[field('typeId')];
    if (field('active') === '0' || use === undefined) return [];
    const rank = field('typeId') === SYNONYM ? 1 : 0;
    const shared = { code: field('conceptId'), id: field('id'), language: field('languageCode') };
    return [{ kind: 'term', ...shared, use, value: field('term'), rank }];
  });

/** Preferred synonyms become displays; those of US English before others. Fully specified names are listed as preferred, too, but stay at rank 0. */
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
