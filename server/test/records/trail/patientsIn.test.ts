import { expect, test } from '@jest/globals';
import { addPatientsIn } from '../../../src/records/trail/patientsIn.ts';

const BASE = 'https://clinic.example/fhir/R4';

function patientsIn(resource: object): string[] {
  const ids = new Set<string>();
  addPatientsIn(JSON.stringify(resource), BASE, ids);
  return [...ids];
}

const to = (reference: string) => ({ resourceType: 'Observation', subject: { reference } });

test.each([
  ['Patient/p1', 'p1'],
  ['Patient/p1/_history/3', 'p1'],
  [`${BASE}/Patient/A-b.9`, 'A-b.9'],
  [`${BASE}/Patient/p1/_history/3`, 'p1'],
  ['Patient/p1#part', 'p1'],
])('%s is about the patient', (reference, id) => {
  expect(patientsIn(to(reference))).toEqual([id]);
});

test.each([
  'Practitioner/p1',
  'https://other.example/fhir/R4/Patient/p1',
  'urn:uuid:Patient/p1',
  '#Patient/p1',
  'Patient/',
  `Patient/${'x'.repeat(65)}`,
])('%s is about none of ours', (reference) => {
  expect(patientsIn(to(reference))).toEqual([]);
});

test('each patient is named once, however deep and often it is referred to', () => {
  const group = {
    resourceType: 'Group',
    member: ['b', 'a', 'b'].map((id) => ({ entity: { reference: `Patient/${id}` } })),
    contained: [{ resourceType: 'List', id: 'l', subject: { reference: 'Patient/c' } }],
  };
  expect(patientsIn(group).sort()).toEqual(['a', 'b', 'c']);
});

test('texts that look like references are none', () => {
  const text = '{"reference":"Patient/p1"}';
  expect(patientsIn({ resourceType: 'Basic', code: { text }, note: '"reference":"Patient/p2"' })).toEqual([]);
  expect(patientsIn({ resourceType: 'Basic', implicitRules: 'Patient/p3' })).toEqual([]);
});
