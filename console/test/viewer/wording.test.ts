import { expect, test } from '@jest/globals';
import { factsOf, nameOf, titleOf } from '../../src/viewer/record/wording.ts';

test.each([
  [{}, undefined],
  [
    {
      name: [
        { use: 'old', family: 'Bruno' },
        { use: 'official', family: 'Rossi', given: ['Anna', 'Maria'] },
      ],
    },
    'Rossi, Anna Maria',
  ],
  [{ name: [{ given: ['Anna'] }] }, 'Anna'],
  [{ name: [{ text: 'A. Rossi' }] }, 'A. Rossi'],
])('the name of %j is %s', (patient, expected) => {
  expect(nameOf(patient)).toBe(expected);
});

test('the medical record number comes before other numbers', () => {
  const identifier = [{ value: 'passport' }, { value: 'MRN-1', type: { coding: [{ code: 'MR' }] } }];
  expect(factsOf({ identifier, birthDate: '1961-07-30', gender: 'female' })).toBe(
    'born 1961-07-30 \u00b7 female \u00b7 no. MRN-1',
  );
  expect(factsOf({})).toBe('');
});

test.each([
  [
    { started: '2026-03-01T14:05:00+01:00', modality: [{ code: 'DX' }], description: 'Chest' },
    '2026-03-01 14:05, DX, Chest',
  ],
  [
    {
      started: '2026-03-01',
      series: [{ uid: '1', modality: { code: 'CR' }, bodySite: { display: 'Hand' } }],
    },
    '2026-03-01, CR, Hand',
  ],
  [{}, 'Study without a date'],
])('%j is called %s', (study, expected) => {
  expect(titleOf({ id: 'study', ...study })).toBe(expected);
});
