import { expect, test } from '@jest/globals';
import { syntaxFault } from '../../../src/fhir/json/syntaxFault.ts';

const START = '{"resourceType":"Patient",';

test.each([
  ['"name":[{"given":["a",],"family":"b"}]}', 'Patient.name[0].given'],
  ['"name":[{"given":["a"] "family":"b"}]}', 'Patient.name[0]'],
  ['"name":[{"given":[a]}]}', 'Patient.name[0].given[0]'],
  ['"active":01}', 'Patient.active'],
  ['"x":{"value":1.}}', 'Patient.x.value'],
  ['"active":true,}', 'Patient'],
  ['"active":true // why', 'Patient'],
  ['"a b":[}', 'Patient'],
  ['"id":"a\nb"}', 'Patient.id'],
  ['"id":"a\\xb"}', 'Patient.id'],
  ['"id":"a', 'Patient.id'],
])('%s', (text, expression) => {
  expect(() => JSON.parse(START + text) as unknown).toThrow();
  expect(syntaxFault(START + text)).toMatchObject({ expression });
});

test.each([
  ['', 0],
  ['{', 1],
  ['{"a":}', 5],
  ['nul', 0],
  ['1 2', 2],
  ['{resourceType:"patient"}', 1],
])('%s is at fault at %i, where no type is known', (text, at) => {
  expect(syntaxFault(text)).toEqual({ at });
});

test('a type that is not quoted, or comes later, is known', () => {
  expect(syntaxFault('{resourceType:"Patient"}')).toEqual({ at: 1, expression: 'Patient' });
  expect(syntaxFault('{"id":"a",, "resourceType":"Patient"}')).toMatchObject({ expression: 'Patient' });
});

test.each(['1', ' {"a" : [ ] , "b":[1,-2.5e3,"\\u00e9\\"",true,false,null,{}]} '])(
  '%s has no fault',
  (text) => {
    expect(syntaxFault(text)).toBeUndefined();
  },
);
