import path from 'node:path';
import type { Release, ReleaseStep } from './release.ts';
import type { ReleaseRow } from '../../store/terminology/releaseWriter.ts';

const LOINC = 'http://loinc.org';
/** Columns that are properties (http://hl7.org/fhir/R4/loinc.html#properties). */
const PROPERTIES = [
  'STATUS',
  'COMPONENT',
  'PROPERTY',
  'TIME_ASPCT',
  'SYSTEM',
  'SCALE_TYP',
  'METHOD_TYP',
  'CLASS',
  'CLASSTYPE',
  'ORDER_OBS',
  'CONSUMER_NAME',
  'PanelType',
] as const;

/** Whether somebody else has a copyright, too (http://hl7.org/fhir/R4/loinc.html#filters). */
const COPYRIGHT = 'copyright';

/** LOINC as text files with commas: the table, its hierarchy, parts and lists of answers. */
export function loincRelease(files: readonly string[]): Release | undefined {
  const named = (...names: string[]) =>
    files.find((file) => names.includes(path.basename(file)) && !file.includes('LoincTableCore'));
  const table = named('Loinc.csv');
  if (table === undefined) return undefined;
  const steps: ReleaseStep[] = [step('codes', table, codes)];
  const [parts, lists, hierarchy] = [
    named('Part.csv'),
    named('AnswerList.csv'),
    named('ComponentHierarchyBySystem.csv', 'MultiAxialHierarchy.csv'),
  ];
  if (parts !== undefined) steps.push(step('parts', parts, partRows));
  if (lists !== undefined) steps.push(step('answers', lists, answerRows));
  if (hierarchy !== undefined) {
    steps.push(step('groups', hierarchy, groupRows));
    steps.push(step('hierarchy', hierarchy, hierarchyRows));
  }
  return {
    url: LOINC,
    version: /[Ll]oinc_?v?(\d+\.\d+)/.exec(table)?.[1],
    header: {
      name: 'LOINC',
      title: 'Logical Observation Identifiers, Names and Codes (LOINC)',
      language: 'en',
      caseSensitive: false,
      isHierarchical: true,
      properties: [...PROPERTIES, COPYRIGHT, 'LIST'].map((code) => ({ code, type: 'string' })),
    },
    steps,
  };
}

const step = (name: string, file: string, read: ReleaseStep['read']): ReleaseStep => ({
  name: `${name} (${path.basename(file)})`,
  file,
  separator: ',',
  hasHeader: true,
  read,
});

type Field = (name: string | number) => string;

const term = (code: string, kind: string, value: string, rank: number): ReleaseRow[] =>
  value === ''
    ? []
    : [
        {
          kind: 'term',
          code,
          id: `${code} ${kind}`,
          language: 'en',
          use: JSON.stringify({ system: LOINC, code: kind }),
          value,
          rank,
        },
      ];

function codes(field: Field): ReleaseRow[] {
  const code = field('LOINC_NUM');
  const properties = PROPERTIES.filter((name) => field(name) !== '').map((property) => ({
    kind: 'property' as const,
    code,
    property,
    value: field(property),
  }));
  return [
    { kind: 'concept', code, inactive: field('STATUS') === 'DEPRECATED' },
    {
      kind: 'property',
      code,
      property: COPYRIGHT,
      value: field('EXTERNAL_COPYRIGHT_NOTICE') === '' ? 'LOINC' : '3rdParty',
    },
    ...term(code, 'LONG_COMMON_NAME', field('LONG_COMMON_NAME'), 3),
    ...term(code, 'DisplayName', field('DisplayName'), 1),
    ...term(code, 'SHORTNAME', field('SHORTNAME'), 0),
    ...properties,
  ];
}

function partRows(field: Field): ReleaseRow[] {
  const code = field('PartNumber');
  return [
    { kind: 'concept', code, inactive: field('Status') === 'DEPRECATED' },
    ...term(code, 'PartDisplayName', field('PartDisplayName'), 2),
    ...term(code, 'PartName', field('PartName'), 1),
    { kind: 'property', code, property: 'PartTypeName', value: field('PartTypeName') },
  ];
}

/** Each line is an answer of a list. */
function answerRows(field: Field): ReleaseRow[] {
  const [list, answer] = [field('AnswerListId'), field('AnswerStringId')];
  const rows: ReleaseRow[] = [
    { kind: 'concept', code: list, inactive: false },
    ...term(list, 'AnswerListName', field('AnswerListName'), 2),
  ];
  if (answer === '') return rows;
  return [
    ...rows,
    { kind: 'concept', code: answer, inactive: false },
    ...term(answer, 'DisplayText', field('DisplayText'), 2),
    { kind: 'property', code: answer, property: 'LIST', value: list },
  ];
}

/** Groups that no other file has; codes that are known keep what they are. */
function groupRows(field: Field): ReleaseRow[] {
  const code = field('CODE');
  if (!code.startsWith('LP')) return [];
  return [{ kind: 'concept', code, inactive: false }, ...term(code, 'CODE_TEXT', field('CODE_TEXT'), 1)];
}

function hierarchyRows(field: Field): ReleaseRow[] {
  const parent = field('IMMEDIATE_PARENT');
  return parent === '' ? [] : [{ kind: 'parent', code: field('CODE'), parent }];
}
