import { expect, test } from '@jest/globals';
import { DimseError } from '../../src/dimse/services.ts';
import { levelOf, PATIENT_ROOT, STUDY_ROOT } from '../../src/query/informationModels.ts';
import { searchOf } from '../../src/query/searchStudies.ts';

const ISSUER = 'https://clinic.example/mrn';
/** What of a search is due to the query. */
const narrowed = (query: Record<string, unknown>, issuer?: string) =>
  [...searchOf(query, issuer)].filter(([name]) => !/^(?:status|_.*)$/.test(name));

test.each<[what: string, query: Record<string, unknown>, expected: string[][]]>([
  ['nothing', { PatientID: '', StudyDate: '' }, []],
  ['a number', { PatientID: 'A1' }, [['patient:Patient.identifier', 'A1']]],
  [
    'a number with signs of searches',
    { PatientID: 'A,1|$' },
    [['patient:Patient.identifier', String.raw`A\,1\|\$`]],
  ],
  ['a number with wildcards, which is compared alone', { PatientID: 'A*' }, []],
  ['the beginning of a name', { PatientName: 'Mü*^Ann' }, [['patient:Patient.name', 'Mü']]],
  ['the end of a name, which is compared alone', { PatientName: '*ann' }, []],
  [
    'a list of UIDs',
    { StudyInstanceUID: ['1.2', '1.3'] },
    [['identifier', 'urn:dicom:uid|urn:oid:1.2,urn:dicom:uid|urn:oid:1.3']],
  ],
  ['an accession number', { AccessionNumber: 'A1' }, [['identifier', 'A1']]],
  [
    'a birth date',
    { PatientBirthDate: '19800203' },
    [
      ['patient:Patient.birthdate', 'ge1980-02-03'],
      ['patient:Patient.birthdate', 'le1980-02-03'],
    ],
  ],
  [
    'a day of studies, wherever it begins',
    { StudyDate: '20261231' },
    [
      ['started', 'ge2026-12-30'],
      ['started', 'le2027-01-01'],
    ],
  ],
  ['days without end', { StudyDate: '20261231-' }, [['started', 'ge2026-12-30']]],
  ['days without beginning', { StudyDate: '-20261231' }, [['started', 'le2027-01-01']]],
])('a search is narrowed by %s', (_what, query, expected) => {
  expect(narrowed(query)).toEqual(expected);
});

test('a number is one of the issuer, where that is known', () => {
  expect(narrowed({ PatientID: 'A1' }, ISSUER)).toEqual([['patient:Patient.identifier', `${ISSUER}|A1`]]);
});

test.each([
  ['what is no UID', { StudyInstanceUID: ['1.2', '../3'] }],
  ['too many UIDs', { StudyInstanceUID: Array.from({ length: 501 }, (_, at) => `1.2.${at}`) }],
])('%s is refused', (_what, query) => {
  expect(() => searchOf(query, undefined)).toThrow(DimseError);
});

test.each<[model: string, query: Record<string, unknown>, level: string | undefined]>([
  [STUDY_ROOT.find, { QueryRetrieveLevel: 'STUDY' }, 'STUDY'],
  [STUDY_ROOT.find, { QueryRetrieveLevel: 'IMAGE', StudyInstanceUID: '1.2' }, 'IMAGE'],
  [PATIENT_ROOT.move, { QueryRetrieveLevel: 'PATIENT' }, 'PATIENT'],
  [STUDY_ROOT.get, { QueryRetrieveLevel: 'PATIENT' }, undefined],
  [STUDY_ROOT.find, { QueryRetrieveLevel: 'SERIES' }, undefined],
  [STUDY_ROOT.find, { QueryRetrieveLevel: 'study' }, undefined],
  [STUDY_ROOT.find, {}, undefined],
])('of %s, %j is of the level %s', (model, query, level) => {
  if (level === undefined) expect(() => levelOf(model, query)).toThrow(DimseError);
  else expect(levelOf(model, query)).toBe(level);
});
