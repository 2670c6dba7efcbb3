import { expect, test } from '@jest/globals';
import { EntryReferences } from '../../../src/fhir/links/entryReferences.ts';
import { referencePlace } from '../../../src/fhir/links/referencePlace.ts';

const URN = 'urn:uuid:0e4d7c2f-0000-4000-8000-000000000001';
const HERE = 'http://a.example/fhir/Observation/1';
const references = new EntryReferences({
  entry: [
    { fullUrl: URN, resource: { resourceType: 'Patient' } },
    { fullUrl: 'http://a.example/fhir/Patient/2', resource: { resourceType: 'Patient', id: 'two' } },
    { resource: { resourceType: 'Device', id: '3' } },
    { request: { method: 'GET', url: 'Patient' } },
  ],
});

test.each([
  ['a placeholder', URN, HERE, true],
  ['another placeholder', URN.replace('1', '2'), HERE, false],
  ['a URL', 'http://a.example/fhir/Patient/2', undefined, true],
  ['a URL with a version', 'http://a.example/fhir/Patient/2/_history/7', undefined, true],
  ['a URL with a fragment', 'http://a.example/fhir/Patient/2#x', undefined, true],
  ['a neighbour', 'Patient/2', HERE, true],
  ['a neighbour of somebody elsewhere', 'Patient/2', 'http://b.example/fhir/Observation/1', false],
  ['a relative reference of a placeholder', 'Patient/2', URN, false],
  ['a type and id', 'Patient/two', URN, true],
  ['a type and id without a fullUrl', 'Device/3', undefined, true],
  ['what is contained', '#x', undefined, true],
])('%s', (_what, reference, fullUrl, expected) => {
  expect(references.has(reference, fullUrl)).toBe(expected);
});

test('a Bundle without entries has none', () => {
  expect(new EntryReferences({}).has('Patient/1', HERE)).toBe(false);
});

test('the place of a reference is the first element that has it', () => {
  const resource = {
    resourceType: 'Composition',
    author: [{ reference: 'a' }, { reference: 'b' }],
    section: [{ title: 'x' }, { section: [{ entry: [{ reference: 'c' }, { reference: 'b' }] }] }],
  };
  expect(referencePlace(resource, 'b')).toBe('Composition.author[1]');
  expect(referencePlace(resource, 'c')).toBe('Composition.section[1].section[0].entry[0]');
  expect(referencePlace(resource, 'd')).toBe('Composition');
});
