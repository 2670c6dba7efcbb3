import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessContext } from '../../src/access/context.ts';
import { createAccess } from '../../src/access/createAccess.ts';
import { callerVariables, VARIABLE_VALUES_MAX, type VariableValue } from '../../src/access/grants.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { accessOf, observation, openContext, patient, policy } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

/** Access by criteria with parameters of the membership. */
function rulesWith(criteria: string, parameters: Record<string, VariableValue[]>) {
  const resourceType = criteria.slice(0, criteria.indexOf('?'));
  return createAccess(context, {
    administrator: false,
    isUser: true,
    variables: callerVariables({}),
    policies: [
      { policy: policy({ resourceType, criteria }), parameters: new Map(Object.entries(parameters)) },
    ],
  });
}

const text = (...values: string[]): VariableValue[] => values.map((value) => ({ text: value }));
const withIdentifier = (system: string, value: string): Resource =>
  patient({ identifier: [{ system, value }] });

describe('the caller’s own', () => {
  test.each([
    ['profile', { profile: 'Practitioner/p1' }, 'Patient?general-practitioner=%profile'],
    ['patient', { profile: 'Patient/pat1' }, 'Patient?_compartment=%patient'],
    ['the patient’s id', { patient: 'Patient/pat1' }, 'Patient?_id=%patient.id'],
    [
      'organization',
      { organizations: ['Organization/o2', 'Organization/o1'] },
      'Patient?organization=%organization',
    ],
  ])('%s', (_, caller, criteria) => {
    const one = patient({
      generalPractitioner: [{ reference: 'Practitioner/p1' }],
      managingOrganization: { reference: 'Organization/o1' },
    });
    const rules = policy({ resourceType: 'Patient', criteria });
    const access = accessOf(context, [rules], { variables: callerVariables(caller) });
    expect(access.allows('Patient', 'read', one)).toBe(true);
    expect(access.allows('Patient', 'read', patient({ id: 'pat2' }))).toBe(false);
    const nobody = accessOf(context, [rules], { variables: callerVariables({}) });
    expect(nobody.condition('Patient', 'read')).toBe(false);
    expect(nobody.faults).toMatchObject([{ text: expect.stringContaining('is not set') }]);
  });
});

describe('a variable that is not set makes its criteria match nothing', () => {
  test.each([
    'Observation?subject=%unknown',
    'Observation?subject:not=%unknown',
    'Observation?status:not=final,%unknown',
    'Observation?status=final&code=%unknown',
    'Observation?status=final,%unknown',
    'Observation?code=http://loinc.org|%unknown',
    'Observation?subject=%profilex',
  ])('%s', (criteria) => {
    const none: Record<string, VariableValue[]>[] = [{}, { unknown: [] }, { unknown: text('') }];
    for (const given of none) {
      const access = rulesWith(criteria, given);
      expect(access.condition('Observation', 'read')).toBe(false);
      expect(access.faults).toHaveLength(1);
    }
  });

  test('so does one with too many values, and a reference that is none', () => {
    const many = text(...Array.from({ length: VARIABLE_VALUES_MAX + 1 }, (_, i) => `c${i}`));
    expect(rulesWith('Observation?code=%x', { x: many }).condition('Observation', 'read')).toBe(false);
    for (const reference of [
      'pat1',
      '',
      'Patient/',
      'Patient/a,b',
      'patient/1',
      'Patient/1/_history/2',
      '../Patient/1',
    ]) {
      expect(
        rulesWith('Observation?subject=%x', { x: [{ reference }] }).condition('Observation', 'read'),
      ).toBe(false);
    }
    expect(rulesWith('Patient?_id=%x.id', { x: text('pat1') }).condition('Patient', 'read')).toBe(false);
  });
});

describe('a value is never more than a value', () => {
  const CRITERIA = 'Patient?identifier=urn:s|%x';

  test.each([
    'a,b',
    'a\\,b',
    'a|b',
    'a$b',
    'a\\',
    '\\',
    ',',
    '|',
    '%profile',
    'a&active=true',
    'a%2Cb',
    'a+b',
  ])('%s', (value) => {
    const access = rulesWith(CRITERIA, { x: text(value) });
    expect(access.allows('Patient', 'read', withIdentifier('urn:s', value))).toBe(true);
    for (const other of ['a', 'b', 'a\\', '\\', 'a,b', 'a b', '', 'c']) {
      if (other !== value)
        expect(access.allows('Patient', 'read', withIdentifier('urn:s', other))).toBe(false);
    }
    expect(access.allows('Patient', 'read', withIdentifier('', value))).toBe(false);
  });

  test('a backslash of the criteria does not reach into it', () => {
    const access = rulesWith('Patient?identifier=urn:s|a\\%x', { x: text(',1') });
    expect(access.condition('Patient', 'read')).toBe(false);
    const escaped = rulesWith('Patient?identifier=urn:s|a\\\\%x', { x: text(',1') });
    expect(escaped.allows('Patient', 'read', withIdentifier('urn:s', 'a\\,1'))).toBe(true);
    expect(escaped.allows('Patient', 'read', withIdentifier('', '1'))).toBe(false);
  });

  test('several values are alternatives of the whole', () => {
    const access = rulesWith(CRITERIA, { x: text('a', 'b') });
    expect(access.allows('Patient', 'read', withIdentifier('urn:s', 'b'))).toBe(true);
    expect(access.allows('Patient', 'read', withIdentifier('urn:t', 'b'))).toBe(false);
    const negated = rulesWith('Patient?identifier:not=urn:s|%x', { x: text('a', 'b') });
    expect(negated.allows('Patient', 'read', withIdentifier('urn:s', 'b'))).toBe(false);
    expect(negated.allows('Patient', 'read', withIdentifier('urn:s', 'c'))).toBe(true);
  });

  test.each(['´', '\u0301', ' \u0301'])('a string that every name begins with matches nothing', (value) => {
    expect(rulesWith('Patient?family=%x', { x: text(value) }).condition('Patient', 'read')).toBe(false);
  });

  test('what begins with a type stays a reference to it', () => {
    const access = rulesWith('Observation?subject=%x', { x: [{ reference: 'Patient/pat1' }] });
    expect(access.allows('Observation', 'read', observation())).toBe(true);
    expect(access.allows('Observation', 'read', observation({ subject: { reference: 'Group/pat1' } }))).toBe(
      false,
    );
  });
});

describe('percent-encoding', () => {
  test.each([
    ['Patient?family=%C3%96berg', 'Öberg'],
    ['Patient?family=%25x', '%x'],
    ['Patient?family=van+der', 'van der'],
    ['Patient?family=a%2Bb', 'a+b'],
  ])('%s is no variable', (criteria, family) => {
    const access = rulesWith(criteria, { C3: text('a'), x: text('b') });
    expect(access.faults).toEqual([]);
    expect(access.allows('Patient', 'read', patient({ name: [{ family }] }))).toBe(true);
    expect(access.allows('Patient', 'read', patient({ name: [{ family: 'Smith' }] }))).toBe(false);
  });

  test.each(['facility', 'department', 'bed', 'care-team', 'e2'])('%%%s is a variable', (name) => {
    const access = rulesWith(`Patient?identifier=urn:s|%${name}`, { [name]: text('a') });
    expect(access.allows('Patient', 'read', withIdentifier('urn:s', 'a'))).toBe(true);
  });
});
