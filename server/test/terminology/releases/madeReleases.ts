import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Small releases that are made up, in the file formats of the real ones. */

function write(folder: string, name: string, lines: readonly string[]): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join('\r\n')}\r\n`);
}

const tabs = (...fields: (string | number)[]) => fields.join('\t');
const MODULE = '900000000000207008';
const [FSN, SYNONYM, PREFERRED, US] = [
  '900000000000003001',
  '900000000000013009',
  '900000000000548007',
  '900000000000509007',
];

/** 138875005 root; 404684003 finding; 22298006 below it by 57809008; 100000000 not active. */
export function snomed(folder: string): void {
  const concept = (id: string, active = 1) => tabs(id, 20240101, active, MODULE, '900000000000074008');
  write(folder, 'Snapshot/Terminology/sct2_Concept_Snapshot_INT_20240101.txt', [
    tabs('id', 'effectiveTime', 'active', 'moduleId', 'definitionStatusId'),
    ...['138875005', '404684003', '57809008', '22298006', '80891009'].map((id) => concept(id)),
    concept('100000000', 0),
  ]);
  const description = (id: number, code: string, type: string, term: string, active = 1) =>
    tabs(id, 20240101, active, MODULE, code, 'en', type, term, '900000000000448009');
  write(folder, 'Snapshot/Terminology/sct2_Description_Snapshot-en_INT_20240101.txt', [
    tabs(
      'id',
      'effectiveTime',
      'active',
      'moduleId',
      'conceptId',
      'languageCode',
      'typeId',
      'term',
      'caseSignificanceId',
    ),
    description(1, '404684003', FSN, 'Clinical finding (finding)'),
    description(2, '404684003', SYNONYM, 'Clinical finding'),
    description(3, '22298006', FSN, 'Myocardial infarction (disorder)'),
    description(4, '22298006', SYNONYM, 'Heart attack'),
    description(5, '22298006', SYNONYM, 'Myocardial infarction'),
    description(6, '22298006', SYNONYM, 'No longer said', 0),
    description(7, '57809008', SYNONYM, 'Myocardial disease'),
    description(8, '80891009', SYNONYM, 'Heart structure'),
  ]);
  const language = (id: string, description: number) =>
    tabs(id, 20240101, 1, MODULE, US, description, PREFERRED);
  write(folder, 'Snapshot/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_20240101.txt', [
    tabs('id', 'effectiveTime', 'active', 'moduleId', 'refsetId', 'referencedComponentId', 'acceptabilityId'),
    // As in real releases, fully specified names are preferred as well.
    language('e', 1),
    language('f', 3),
    language('a', 2),
    language('b', 5),
    language('c', 7),
    language('d', 8),
  ]);
  const relation = (id: number, from: string, to: string, type = '116680003', active = 1) =>
    tabs(id, 20240101, active, MODULE, from, to, 0, type, '900000000000011006', '900000000000451002');
  write(folder, 'Snapshot/Terminology/sct2_Relationship_Snapshot_INT_20240101.txt', [
    tabs(
      'id',
      'effectiveTime',
      'active',
      'moduleId',
      'sourceId',
      'destinationId',
      'relationshipGroup',
      'typeId',
      'characteristicTypeId',
      'modifierId',
    ),
    relation(1, '404684003', '138875005'),
    relation(2, '57809008', '404684003'),
    relation(3, '22298006', '57809008'),
    relation(4, '80891009', '138875005'),
    relation(5, '22298006', '80891009', '363698007'),
    relation(6, '80891009', '404684003', '116680003', 0),
  ]);
  write(folder, 'Snapshot/Refset/Content/der2_Refset_SimpleSnapshot_INT_20240101.txt', [
    tabs('id', 'effectiveTime', 'active', 'moduleId', 'refsetId', 'referencedComponentId'),
    tabs('r', 20240101, 1, MODULE, '723264001', '80891009'),
  ]);
}

/** The International Edition above beside an extension, as some editions come, in files that say so before `Snapshot`. */
export function snomedExtension(folder: string): void {
  snomed(path.join(folder, 'SnomedCT_InternationalRF2'));
  const own = path.join(folder, 'SnomedCT_UKClinicalRF2');
  const concept = tabs('999000001', 20240401, 1, '999000041000000102', '900000000000074008');
  write(own, 'Snapshot/Terminology/sct2_Concept_UKCLSnapshot_GB1000000_20240401.txt', [
    tabs('id', 'effectiveTime', 'active', 'moduleId', 'definitionStatusId'),
    concept,
  ]);
  write(own, 'Snapshot/Terminology/sct2_Relationship_UKCLSnapshot_GB1000000_20240401.txt', [
    tabs('id', 'active', 'sourceId', 'destinationId', 'typeId'),
    tabs('9', 1, '999000001', '22298006', '116680003'),
  ]);
}

export function loinc(folder: string): void {
  const quoted = (...fields: string[]) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
  write(folder, 'Loinc_2.99/LoincTable/Loinc.csv', [
    quoted(
      'LOINC_NUM',
      'COMPONENT',
      'PROPERTY',
      'SYSTEM',
      'CLASS',
      'STATUS',
      'SHORTNAME',
      'LONG_COMMON_NAME',
      'EXTERNAL_COPYRIGHT_NOTICE',
    ),
    quoted(
      '718-7',
      'Hemoglobin',
      'MCnc',
      'Bld',
      'HEM/BC',
      'ACTIVE',
      'Hgb Bld-mCnc',
      'Hemoglobin [Mass/volume] in Blood',
    ),
    quoted(
      '4548-4',
      'Hemoglobin A1c',
      'MFr',
      'Bld',
      'HEM/BC',
      'ACTIVE',
      'HbA1c',
      'Hemoglobin A1c, "glycated"\nin Blood',
    ),
    quoted(
      '1-8',
      'Acyclovir',
      'Susc',
      'Isolate',
      'ABXBACT',
      'DEPRECATED',
      'Acyclovir',
      'Acyclovir [Susceptibility]',
      'Copyright of somebody else',
    ),
  ]);
  write(folder, 'Loinc_2.99/AccessoryFiles/AnswerFile/AnswerList.csv', [
    quoted('AnswerListId', 'AnswerListName', 'AnswerStringId', 'DisplayText'),
    quoted('LL1-9', 'Yes or no', 'LA33-6', 'Yes'),
    quoted('LL1-9', 'Yes or no', 'LA32-8', 'No'),
  ]);
  write(folder, 'Loinc_2.99/AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv', [
    quoted('PATH_TO_ROOT', 'SEQUENCE', 'IMMEDIATE_PARENT', 'CODE', 'CODE_TEXT'),
    quoted('', '1', '', 'LP7787-7', 'Hematology'),
    quoted('LP7787-7', '1', 'LP7787-7', '718-7', 'Hemoglobin'),
  ]);
}

export function rxNorm(folder: string): void {
  const bars = (...fields: string[]) => `${fields.join('|')}|`;
  const name = (code: string, atom: string, type: string, text: string, suppress = 'N') =>
    bars(code, 'ENG', '', '', '', '', '', atom, '', '', '', 'RXNORM', type, code, text, '', suppress, '');
  write(folder, 'RxNorm_full_01062025/rrf/RXNCONSO.RRF', [
    name('161', 'A1', 'IN', 'acetaminophen'),
    name('161', 'A2', 'SY', 'paracetamol'),
    name('313782', 'A3', 'SCD', 'acetaminophen 325 MG Oral Tablet'),
    name('999', 'A4', 'IN', 'forgotten', 'O'),
    name('5', 'A5', 'IN', 'of another source').replace('RXNORM', 'OTHER'),
  ]);
  write(folder, 'RxNorm_full_01062025/rrf/RXNREL.RRF', [
    bars('161', '', 'CUI', 'RO', '313782', '', 'CUI', 'has_ingredient', '', '', 'RXNORM', '', '', '', ''),
    bars('161', '', 'CUI', 'RB', '313782', '', 'CUI', 'isa', '', '', 'RXNORM', '', '', '', ''),
  ]);
  write(folder, 'RxNorm_full_01062025/rrf/RXNSTY.RRF', [
    bars('161', 'T109', 'A1', 'Organic Chemical', '', ''),
  ]);
}
