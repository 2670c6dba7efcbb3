import { expect, test } from '@jest/globals';
import { strangeFunction } from '../../../src/store/reindex/pathFunctions.ts';

test.each([
  "Patient.name.where(use = 'official').family",
  '(Patient.deceased as boolean) and (Patient.active or (Patient.gender.exists()))',
  "Patient.name.where(text = 'now()')",
  "Patient.name.where(text = 'it\\'s today()')",
  'Patient.multipleBirth in (1 | 2)',
])('%s has no strange function', (expression) => {
  expect(strangeFunction(expression)).toBeUndefined();
});

test.each([
  ['Patient.birthDate <= today()', 'today'],
  ["Patient.name.select(family.matches('x'))", 'matches'],
  ["Patient.name.where(text = 'a').repeat ($this)", 'repeat'],
  ['Patient.name.toUpperCase()', 'toUpperCase'],
  ['Patient.name.`repeat`($this)', '`repeat`'],
  ['Patient.name.repeat/* it */($this)', 'repeat'],
  ['Patient.name.repeat // it\n($this)', 'repeat'],
  ["Patient.name.where(text = '/*').repeat($this)", 'repeat'],
])('%s has %s', (expression, name) => {
  expect(strangeFunction(expression)).toBe(name);
});
