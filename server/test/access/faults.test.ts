import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessPolicy, AccessPolicyResource } from '@medplum/fhirtypes';
import type { AccessContext } from '../../src/access/context.ts';
import { RULES_MAX } from '../../src/access/rules/compilePolicy.ts';
import { policyFaults, policyParameters } from '../../src/access/rules/policyFaults.ts';
import { accessOf, openContext, policy } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

const OBSERVATION = { resourceType: 'Observation' };

describe('a faulty entry allows nothing and says why', () => {
  test.each<[string, AccessPolicyResource, RegExp]>([
    ['no type', { resourceType: 'Obs' }, /no resource type of R4/],
    [
      'criteria of another type',
      { ...OBSERVATION, criteria: 'Patient?active=true' },
      /begin them with 'Observation\?'/,
    ],
    ['criteria without a query', { ...OBSERVATION, criteria: 'Observation' }, /begin them with/],
    ['an empty query', { ...OBSERVATION, criteria: 'Observation?' }, /without a name or a value/],
    [
      'a parameter without value',
      { ...OBSERVATION, criteria: 'Observation?status=' },
      /without a name or a value/,
    ],
    [
      'an unknown parameter',
      { ...OBSERVATION, criteria: 'Observation?colour=red' },
      /no search parameter 'colour'/,
    ],
    ['an unknown parameter of all', { ...OBSERVATION, criteria: 'Observation?_colour=red' }, /does not find/],
    [
      'a parameter of the answer',
      { ...OBSERVATION, criteria: 'Observation?_count=1' },
      /'_count', which does not find/,
    ],
    ['an include', { ...OBSERVATION, criteria: 'Observation?_include=Observation:subject' }, /does not find/],
    ['a sort', { ...OBSERVATION, criteria: 'Observation?_sort=date' }, /does not find/],
    ['a format', { ...OBSERVATION, criteria: 'Observation?_format=json' }, /does not find/],
    ['a value that is none', { ...OBSERVATION, criteria: 'Observation?date=yesterday' }, /date/],
    ['an empty alternative', { ...OBSERVATION, criteria: 'Observation?status=final,,a' }, /empty value/],
    ['broken encoding', { ...OBSERVATION, criteria: 'Observation?status=50%' }, /begins neither a variable/],
    [
      'a variable in a name',
      { ...OBSERVATION, criteria: 'Observation?%profile=a' },
      /begins neither a variable/,
    ],
    ['a backslash before a variable', { ...OBSERVATION, criteria: 'Observation?code=\\%x' }, /backslash/],
    ['a variable in a date', { ...OBSERVATION, criteria: 'Observation?date=%x' }, /'date'/],
    ['a variable in a quantity', { ...OBSERVATION, criteria: 'Observation?value-quantity=%x' }, /.+/],
    [
      'a variable in a filter',
      { ...OBSERVATION, criteria: 'Observation?_filter=status eq %x' },
      /variable in '_filter'/,
    ],
    [
      'a variable in full text',
      { ...OBSERVATION, criteria: 'Observation?_content=%x' },
      /variable in '_content'/,
    ],
    [
      'a variable in a composite',
      { ...OBSERVATION, criteria: 'Observation?code-value-concept=a$%x' },
      /variable in/,
    ],
    [
      'a compartment that is none',
      { ...OBSERVATION, criteria: 'Observation?_compartment=Group/1' },
      /has no compartment/,
    ],
    [
      'a type outside of the compartment',
      { resourceType: 'Organization', criteria: 'Organization?_compartment=Patient/1' },
      /not in the Patient compartment/,
    ],
    ['a hidden element that is none', { ...OBSERVATION, hiddenFields: ['colour'] }, /no element 'colour'/],
    ['a read-only element that is none', { ...OBSERVATION, readonlyFields: ['code.colour'] }, /no element/],
    ['a hidden id', { ...OBSERVATION, hiddenFields: ['id'] }, /names id or meta/],
    ['hidden metadata', { ...OBSERVATION, hiddenFields: ['meta.versionId'] }, /names id or meta/],
    [
      'a constraint that is no FHIRPath',
      { ...OBSERVATION, writeConstraint: [{ language: 'text/fhirpath', expression: 'status =' }] },
      /no FHIRPath/,
    ],
    [
      'a constraint in another language',
      { ...OBSERVATION, writeConstraint: [{ language: 'text/cql', expression: 'true' }] },
      /must be FHIRPath/,
    ],
    [
      'a constraint without expression',
      { ...OBSERVATION, writeConstraint: [{ language: 'text/fhirpath' }] },
      /needs an expression/,
    ],
  ])('%s', (_, entry, text) => {
    const whole = policy(entry, { resourceType: 'Patient' });
    expect(policyFaults(context, whole)).toEqual([
      { expression: 'AccessPolicy.resource[0]', text: expect.stringMatching(text) },
    ]);
    const access = accessOf(context, [whole]);
    for (const one of ['read', 'search', 'create', 'update', 'delete', 'vread', 'history'] as const) {
      expect(access.condition(entry.resourceType, one)).toBe(false);
      expect(access.condition('Patient', one)).toBe(true);
    }
  });

  test('an address rule, which is not understood, makes the whole policy allow nothing', () => {
    const whole: AccessPolicy = {
      ...policy({ resourceType: 'Patient' }),
      ipAccessRule: [{ value: '10.0.0.0/8', action: 'block' }],
    };
    expect(policyFaults(context, whole)).toMatchObject([{ expression: 'AccessPolicy' }]);
    expect(accessOf(context, [whole]).condition('Patient', 'read')).toBe(false);
  });

  test('more entries than there may be, in one policy or in all, allow nothing', () => {
    const many = (count: number, type: string) =>
      policy(
        ...Array.from({ length: count }, (_, i) => ({ resourceType: type, criteria: `${type}?_id=a${i}` })),
      );
    const tooMany = many(RULES_MAX + 1, 'Patient');
    expect(policyFaults(context, tooMany)).toMatchObject([{ expression: 'AccessPolicy' }]);
    expect(accessOf(context, [tooMany]).condition('Patient', 'read')).toBe(false);
    const access = accessOf(context, [many(RULES_MAX - 1, 'Patient'), many(2, 'Group')]);
    expect(access.condition('Group', 'read')).toMatchObject({ kind: 'id', ids: ['a0'] });
    expect(access.faults).toHaveLength(1);
  });

  test('* with criteria that no type knows is a fault, with those of one type not', () => {
    expect(policyFaults(context, policy({ resourceType: '*', criteria: '*?colour=red' }))).toHaveLength(1);
    expect(policyFaults(context, policy({ resourceType: '*', criteria: '*?onset-date=gt2020' }))).toEqual([]);
  });
});

describe('a policy is judged without knowing whom it is for', () => {
  test.each([
    'Patient?general-practitioner=%profile',
    'Patient?link=%profile',
    'Patient?organization=%organization',
    'Patient?_id=%patient.id',
    'Patient?_compartment=%patient',
    'Patient?_has:CareTeam:patient:identifier=http://example.org|%team',
    'Patient?_has:Encounter:patient:location=%ward',
  ])('%s', (criteria) => {
    expect(policyFaults(context, policy({ resourceType: 'Patient', criteria }))).toEqual([]);
  });

  test('what a membership must give', () => {
    const criteria = 'Patient?general-practitioner=%profile&organization=%unit&identifier=%x|%y';
    expect(policyParameters(policy({ resourceType: 'Patient', criteria }))).toEqual(['unit', 'x', 'y']);
  });
});
