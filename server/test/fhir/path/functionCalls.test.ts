import { expect, test } from '@jest/globals';
import { functionCalls, pathTokens } from '../../../src/fhir/path/functionCalls.ts';

test.each([
  ['Patient.name', []],
  ["Patient.name.where(use = 'official').first()", ['where', 'first']],
  ["Patient.name.where(text = 'a(b)' and (given in ('x')))", ['where']],
  ["Patient.name.where(text.contains('x') and (given contains ('y')))", ['where', 'contains']],
  ['Patient.name.`repeat`($this)', ['`repeat`']],
  ['Patient.name.`\\u0072epeat` ($this)', ['`\\u0072epeat`']],
  ['Patient.name.repeat/* a ( */\n// b\n($this)', ['repeat']],
  ["Patient.name.where(text = '\\'/*').repeat($this)", ['where', 'repeat']],
  ['(Patient.name | Patient.contact.name)', []],
])('%s calls %j', (expression, names) => {
  expect(functionCalls(expression)).toEqual(names);
});

test('comments are no tokens', () => {
  expect(pathTokens('a /* b */ .c // d')).toEqual(['a', '.', 'c']);
});
