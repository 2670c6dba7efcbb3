import { expect, test } from '@jest/globals';
import { DimseError } from '../../src/dimse/services.ts';
import { compileQuery } from '../../src/find/matching.ts';
import { pickKeys } from '../../src/find/returnKeys.ts';
import type { Values } from '../../src/objects/dataSet.ts';

const KEYS = new Set([
  'PatientName',
  'PatientID',
  'StudyInstanceUID',
  'ScheduledProcedureStepSequence',
  'ScheduledProcedureStepStartDate',
  'ScheduledProcedureStepStartTime',
  'Modality',
]);
const ITEM = {
  PatientName: 'Müller^Ann',
  PatientID: 'P1',
  StudyInstanceUID: '1.2.3',
  ScheduledProcedureStepSequence: [
    {
      ScheduledProcedureStepStartDate: '20261201',
      ScheduledProcedureStepStartTime: '093000',
      Modality: 'DX',
      ScheduledProtocolCodeSequence: [{ CodeValue: '1', CodeMeaning: 'Ankle' }],
    },
  ],
};
const isFound = (query: Values) => compileQuery(query, KEYS)(ITEM);
const step = (query: Values): Values => ({ ScheduledProcedureStepSequence: [query] });
/** As dcmjs reads names. */
const named = (name: string): Values => ({ PatientName: [{ Alphabetic: name }] });

test.each([
  ['an empty key', { PatientID: '' }, true],
  ['the value', { PatientID: 'P1' }, true],
  ['another value', { PatientID: 'P2' }, false],
  ['the value in other letters', { PatientID: 'p1' }, false],
  ['a name in capitals without accents', named('MULLER^ANN^^'), true],
  ['the beginning of a name', named('mü*'), true],
  ['a part of a name', named('Müller'), false],
  ['a list of UIDs', { StudyInstanceUID: ['1.2.9', '1.2.3'] }, true],
  ['a long list of UIDs', { StudyInstanceUID: Array.from({ length: 9_000 }, (_, at) => `1.2.${at}`) }, true],
  ['a UID with a star', { StudyInstanceUID: '1.2.*' }, false],
  ['an empty sequence', { ScheduledProcedureStepSequence: [] }, true],
  ['an item with empty keys', step({ Modality: '' }), true],
  ['an item of another modality', step({ Modality: 'CT' }), false],
  ['a day', step({ ScheduledProcedureStepStartDate: '20261201' }), true],
  ['a day as it was written once', step({ ScheduledProcedureStepStartDate: '2026.12.01' }), true],
  ['a range of days', step({ ScheduledProcedureStepStartDate: '20261130-20261201' }), true],
  ['a range that is over', step({ ScheduledProcedureStepStartDate: '-20261130' }), false],
  ['a range that has no end', step({ ScheduledProcedureStepStartDate: '20261202-' }), false],
  ['an hour', step({ ScheduledProcedureStepStartTime: '09' }), true],
  ['a range of hours', step({ ScheduledProcedureStepStartTime: '08-0930' }), true],
  ['hours before', step({ ScheduledProcedureStepStartTime: '-0929' }), false],
  ['a key that is only returned', { AccessionNumber: 'A' }, true],
  ['a keyword that does not exist', { NoSuchKey: 'A' }, true],
])('%s', (_what, query, expected) => {
  expect(isFound(query)).toBe(expected);
});

test.each([
  ['रीमा', 'राम', false],
  ['कुमार', 'कुमार', true],
  ['ஜயா', 'ஜெயா', false],
  ['HAFEZ', 'Hāfeẓ', true],
])('%s asks for %s: %p', (wanted, family, expected) => {
  expect(compileQuery(named(wanted), KEYS)({ ...ITEM, PatientName: family })).toBe(expected);
});

test.each([
  ['a date that is none', step({ ScheduledProcedureStepStartDate: 'today' })],
  ['three dates', step({ ScheduledProcedureStepStartDate: '20261201-20261202-20261203' })],
  ['a range without ends', step({ ScheduledProcedureStepStartDate: '-' })],
  ['a time that is none', step({ ScheduledProcedureStepStartTime: '1x' })],
  ['a key without end', { PatientID: 'x'.repeat(2_000) }],
  ['a key of more values than are compared', { PatientID: Array.from({ length: 101 }, (_, at) => `P${at}`) }],
])('%s is refused', (_what, query) => {
  expect(() => isFound(query)).toThrow(DimseError);
});

test('what was asked for is returned, and nothing else', () => {
  const query = { ...named(''), AccessionNumber: '', NoSuchKey: '', SpecificCharacterSet: 'ISO_IR 100' };
  const asked = { ...query, ...step({ Modality: '', ScheduledProtocolCodeSequence: [] }) };
  expect(pickKeys(asked, ITEM)).toEqual({
    PatientName: 'Müller^Ann',
    AccessionNumber: '',
    ScheduledProcedureStepSequence: [
      { Modality: 'DX', ScheduledProtocolCodeSequence: [{ CodeValue: '1', CodeMeaning: 'Ankle' }] },
    ],
  });
});
