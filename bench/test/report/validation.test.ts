import { expect, test } from '@jest/globals';
import { validationText } from '../../src/report/validation.ts';
import type { ValidationFigures } from '../../src/validation/measure.ts';

const FIGURES: ValidationFigures = {
  name: 'observation',
  title: 'Observation',
  resources: 500,
  p50Us: 40,
  meanUs: 1_000,
  jsonUs: 20,
  medplumUs: 6_000,
  toJson: 2,
  overMedplum: 6,
  target: { of: 'p50Us', us: 40 },
};

const verdicts = (figures: ValidationFigures): string | undefined =>
  /reached|MISSED/.exec(validationText([figures]))?.[0];

test('a case reaches its target by its own figure and by that of the other validator', () => {
  expect(verdicts(FIGURES)).toBe('reached');
  expect(verdicts({ ...FIGURES, p50Us: 40.1 })).toBe('MISSED');
  expect(verdicts({ ...FIGURES, overMedplum: 5.9 })).toBe('MISSED');
  expect(verdicts({ ...FIGURES, target: { of: 'meanUs', us: 999 } })).toBe('MISSED');
});
