import { expect, test } from '@jest/globals';
import { inImpliedOrder } from '../../../../src/store/search/order/impliedOrder.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { Statements } from '../statement/statements.ts';

const statements = new Statements(await r4Definitions());

const orderOf = (url: string): string[] =>
  inImpliedOrder(statements.index, statements.parse(url)).searches[0]!.sort.map(
    ({ by, parameter, descending }) => `${descending ? '-' : ''}${parameter?.code ?? by}`,
  );

test.each([
  'Observation?patient=Patient/1&category=vital-signs',
  'Observation?subject=Patient/1',
  'Observation?code=8867-4',
  'Observation?status=final&code=a,b',
  'Observation?date=ge2020&value-quantity=gt5',
  'Observation?patient.name=x&code=8867-4',
  'Observation?subject:Patient.organization.name=x',
  'Observation?_filter=code eq a and status eq final',
])('%s: the newest first', (url) => expect(orderOf(url)).toEqual(['-date']));

test.each([
  'Observation?patient.name=x',
  'Observation?subject:Patient.identifier=1',
  'Observation?_filter=patient.gender eq male and status eq final',
  'MedicationRequest?patient.name=x',
])('%s: patient by patient, the newest first', (url) =>
  expect(orderOf(url)).toEqual(['patient', '-main-date']),
);

test('by the main date of the type', () => {
  expect(orderOf('Condition?patient=Patient/1')).toEqual(['-onset-date']);
});

test.each([
  'Observation',
  'Observation?value-quantity=gt5',
  'Observation?patient=Patient/1,Patient/2',
  'Observation?subject.name=x',
  'Observation?code:not=a',
  'Observation?_filter=code eq a or status eq final',
  'Patient?name:contains=x',
  'Patient?name:exact=x',
  `Patient?name=${Array.from({ length: 9 }, (_, i) => i).join()}`,
  'Patient?_id=1',
  'Observation?code=8867-4&_contained=both',
])('%s: as they were made', (url) => expect(orderOf(url)).toEqual([]));

test.each([
  ['Patient?name=x', 'name'],
  ['Patient?gender=male&family=x', 'family'],
  ['Patient?family=smith,jones&given=lee', 'family'],
  ['Patient?family=smi,x&given=lee', 'given'],
])('%s: by the beginning that says most', (url, code) => {
  const [key] = inImpliedOrder(statements.index, statements.parse(url)).searches[0]!.sort;
  expect(key).toMatchObject({ by: 'beginning', descending: false, parameter: { code } });
});

test('a date goes before a beginning', () => {
  expect(orderOf('Patient?name=x&birthdate=2000')).toEqual(['-birthdate']);
});

test('an order that is asked for stays', () => {
  expect(orderOf('Observation?patient=Patient/1&_sort=status,-code')).toEqual(['status', '-code']);
});
