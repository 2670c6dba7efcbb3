import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessPolicyResource } from '@medplum/fhirtypes';
import type { AccessContext } from '../../src/access/context.ts';
import { parseExact } from '../../src/fhir/json/parse.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { accessOf, observation, openContext, patient, policy } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

const access = (...entries: AccessPolicyResource[]) => accessOf(context, [policy(...entries)]);
const hiding = (...hiddenFields: string[]) => access({ resourceType: 'Patient', hiddenFields });
const readonly = (...readonlyFields: string[]) => access({ resourceType: 'Patient', readonlyFields });

const ANNA = patient({
  text: { status: 'generated', div: '<div>Anna</div>' },
  active: true,
  birthDate: '1980-01-01',
  _birthDate: { extension: [{ url: 'urn:x', valueString: 'a' }] },
  deceasedBoolean: false,
  name: [{ family: 'Berg', given: ['Anna', 'Maria'], _given: [null, { id: 'g' }] }, { family: 'Tal' }],
  contact: [{ name: { family: 'Berg' }, telecom: [{ value: '1' }] }, { telecom: [{ value: '2' }] }],
});

describe('writing what is hidden', () => {
  const without = (...names: string[]): Resource => {
    const copy: Record<string, unknown> = { ...ANNA };
    for (const name of names) delete copy[name];
    return copy as Resource;
  };

  test('it is kept as it is', () => {
    const rules = hiding('birthDate', 'deceased');
    const sent = { ...without('birthDate', '_birthDate', 'deceasedBoolean', 'text'), active: false };
    expect(rules.checkWrite('Patient', ANNA, sent)).toEqual({
      resource: { ...without('text'), active: false },
      refused: [],
    });
  });

  test.each([
    ['another value', { birthDate: '1990-01-01' }],
    ['the same value, which would tell it', { birthDate: '1980-01-01' }],
    ['what stands beside a primitive', { _birthDate: { id: 'a' } }],
  ])('it cannot be sent: %s', (_, sent) => {
    const after = { ...without('birthDate', '_birthDate'), ...sent };
    expect(hiding('birthDate').checkWrite('Patient', ANNA, after).refused).toEqual(['Patient.birthDate']);
    expect(hiding('birthDate').checkWrite('Patient', undefined, after).refused).toEqual([
      'Patient.birthDate',
    ]);
  });

  test('in arrays it is kept where the array is as it was shown, else the write is refused', () => {
    const rules = hiding('name.given');
    const shown = rules.shown('Patient', ANNA);
    expect(rules.checkWrite('Patient', ANNA, { ...shown, active: false }).resource['name']).toBe(
      ANNA['name'],
    );
    const renamed = { ...shown, name: [{ family: 'Other' }, { family: 'Tal' }] };
    expect(rules.checkWrite('Patient', ANNA, renamed).refused).toEqual(['Patient.name']);
    const { name: _, ...removed } = shown;
    expect(rules.checkWrite('Patient', ANNA, removed as Resource).refused).toEqual(['Patient.name']);
    const free = { ...shown, contact: [] };
    expect(rules.checkWrite('Patient', ANNA, free).refused).toEqual([]);
  });

  test('in objects it is kept beside what is changed', () => {
    const rules = access({ resourceType: 'Observation', hiddenFields: ['subject.display'] });
    const before = observation({ subject: { reference: 'Patient/pat1', display: 'Anna' } });
    const sent = observation({ subject: { reference: 'Patient/pat2' } });
    expect(rules.checkWrite('Observation', before, sent).resource['subject']).toEqual({
      reference: 'Patient/pat2',
      display: 'Anna',
    });
    const { subject: _, ...removed } = sent;
    expect(rules.checkWrite('Observation', before, removed as Resource).refused).toEqual([
      'Observation.subject',
    ]);
  });

  test('a narrative that was not shown is not kept: it may no longer be true', () => {
    const sent = without('text', 'birthDate', '_birthDate');
    expect(hiding('birthDate').checkWrite('Patient', ANNA, sent).resource).not.toHaveProperty('text');
  });
});

describe('read-only elements', () => {
  test('cannot be changed, removed or added', () => {
    const rules = readonly('birthDate', 'deceased', 'contact.telecom');
    expect(rules.readonlyElements('Patient')).toEqual([
      'birthDate',
      'deceasedBoolean',
      'deceasedDateTime',
      'contact.telecom',
    ]);
    expect(rules.checkWrite('Patient', ANNA, { ...ANNA, active: false }).refused).toEqual([]);
    const refused = (change: Record<string, unknown>) =>
      rules.checkWrite('Patient', ANNA, { ...ANNA, ...change }).refused;
    expect(refused({ birthDate: '1990-01-01' })).toEqual(['Patient.birthDate']);
    expect(refused({ _birthDate: undefined })).toEqual(['Patient.birthDate']);
    expect(refused({ deceasedBoolean: undefined, deceasedDateTime: '2020' })).toEqual([
      'Patient.deceasedBoolean',
      'Patient.deceasedDateTime',
    ]);
    expect(refused({ contact: [{ telecom: [{ value: '1' }] }] })).toEqual(['Patient.contact.telecom']);
    expect(refused({ contact: [{ telecom: [{ value: '2' }] }, { telecom: [{ value: '1' }] }] })).toEqual([
      'Patient.contact.telecom',
    ]);
    expect(refused({ contact: [...(ANNA['contact'] as []), { name: { family: 'New' } }] })).toEqual([]);
  });

  test('cannot be given to what is created', () => {
    expect(readonly('birthDate').checkWrite('Patient', undefined, ANNA).refused).toEqual([
      'Patient.birthDate',
    ]);
    expect(readonly('birthDate').checkWrite('Patient', undefined, patient()).refused).toEqual([]);
  });

  test('are free where another rule that allows the write leaves them', () => {
    const rules = access(
      { resourceType: 'Patient', readonlyFields: ['birthDate'] },
      { resourceType: 'Patient', criteria: 'Patient?active=true' },
    );
    const change = { birthDate: '1990-01-01' };
    expect(rules.checkWrite('Patient', ANNA, { ...ANNA, ...change }).refused).toEqual([]);
    const inactive = { ...ANNA, active: false };
    expect(rules.checkWrite('Patient', inactive, { ...inactive, ...change }).refused).toEqual([
      'Patient.birthDate',
    ]);
    // What the write makes of the resource does not free it.
    expect(rules.checkWrite('Patient', inactive, { ...ANNA, ...change }).refused).toEqual([
      'Patient.birthDate',
    ]);
  });

  test('digits count', () => {
    const rules = access({ resourceType: 'Observation', readonlyFields: ['valueQuantity'] });
    const parsed = (value: string) =>
      parseExact(`{"resourceType":"Observation","valueQuantity":{"value":${value}}}`) as Resource;
    expect(rules.checkWrite('Observation', parsed('1.10'), parsed('1.1')).refused).toEqual([
      'Observation.valueQuantity',
    ]);
    expect(rules.checkWrite('Observation', parsed('1.10'), parsed('1.10')).refused).toEqual([]);
  });
});
