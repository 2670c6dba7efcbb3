import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessContext } from '../../src/access/context.ts';
import { accessOf, observation, openContext, patient, policy } from './support.ts';

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

const EVERYTHING = policy({ resourceType: '*' });
const scoped = (scopes: string[], more: { isUser?: boolean; launchPatient?: string } = {}) =>
  accessOf(context, [EVERYTHING], { scopes, ...more });

test('none are no limit, an empty list is no access, and so are scopes that are not about resources', () => {
  expect(accessOf(context, [EVERYTHING]).condition('Patient', 'read')).toBe(true);
  expect(scoped([]).condition('Patient', 'read')).toBe(false);
  expect(scoped(['openid', 'fhirUser', 'launch/patient']).condition('Patient', 'read')).toBe(false);
});

test('scopes open nothing that the policy does not', () => {
  const narrow = policy({
    resourceType: 'Observation',
    criteria: 'Observation?status=final',
    readonly: true,
  });
  const access = accessOf(context, [narrow], { scopes: ['user/*.cruds'] });
  expect(access.condition('Patient', 'read')).toBe(false);
  expect(access.condition('Observation', 'update')).toBe(false);
  expect(access.allows('Observation', 'read', observation())).toBe(true);
  expect(access.allows('Observation', 'read', observation({ status: 'unknown' }))).toBe(false);
});

describe('letters', () => {
  test.each([
    ['user/Observation.r', ['read', 'vread', 'history']],
    ['user/Observation.s', ['search']],
    ['user/Observation.read', ['read', 'vread', 'history', 'search']],
    ['user/Observation.write', ['create', 'update', 'delete']],
    ['user/*.cu', ['create', 'update']],
  ])('%s', (scope, interactions) => {
    const access = scoped([scope]);
    const all = ['read', 'vread', 'history', 'search', 'create', 'update', 'delete'] as const;
    expect(all.filter((one) => access.condition('Observation', one) === true)).toEqual(interactions);
  });

  test('several scopes add up', () => {
    const access = scoped(['user/Observation.r', 'user/Patient.s']);
    expect(access.condition('Observation', 'read')).toBe(true);
    expect(access.condition('Observation', 'search')).toBe(false);
    expect(access.condition('Patient', 'search')).toBe(true);
    expect(access.condition('Condition', 'read')).toBe(false);
  });
});

test('user/ is for people, system/ for clients', () => {
  expect(scoped(['user/*.rs'], { isUser: true }).condition('Patient', 'read')).toBe(true);
  expect(scoped(['user/*.rs'], { isUser: false }).condition('Patient', 'read')).toBe(false);
  expect(scoped(['system/*.rs'], { isUser: false }).condition('Patient', 'read')).toBe(true);
  expect(scoped(['system/*.rs'], { isUser: true }).condition('Patient', 'read')).toBe(false);
});

describe('patient/', () => {
  const access = () => scoped(['patient/*.cruds'], { launchPatient: 'pat1' });

  test('is the compartment of the launch patient', () => {
    expect(access().allows('Observation', 'update', observation())).toBe(true);
    expect(access().allows('Patient', 'read', patient())).toBe(true);
    expect(access().allows('Patient', 'read', patient({ id: 'pat2' }))).toBe(false);
    const other = observation({ subject: { reference: 'Patient/pat2' } });
    expect(access().allows('Observation', 'read', other)).toBe(false);
    expect(access().allows('Observation', 'create', other)).toBe(false);
  });

  test('without a launch patient is nothing', () => {
    const nobody = scoped(['patient/*.cruds']);
    expect(nobody.condition('Observation', 'read')).toBe(false);
    expect(nobody.condition('Organization', 'read')).toBe(false);
  });

  test('takes nothing but an id for one', () => {
    for (const launchPatient of ['', 'pat1,Patient/pat2', 'Patient/pat1', 'pat1|']) {
      const access = scoped(['patient/*.cruds'], { launchPatient });
      for (const type of ['Patient', 'Device', 'Organization'])
        expect(access.condition(type, 'read')).toBe(false);
    }
  });

  test('has what names its patient without being in the compartment', () => {
    const device = (reference: string) => ({ resourceType: 'Device', id: 'd', patient: { reference } });
    expect(access().allows('Device', 'read', device('Patient/pat1'))).toBe(true);
    expect(access().allows('Device', 'read', device('Patient/pat2'))).toBe(false);
  });

  test('reads who treats and where, and writes none of it; has nothing else', () => {
    for (const type of ['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'Medication']) {
      expect(access().condition(type, 'read')).toBe(true);
      expect(access().condition(type, 'update')).toBe(false);
    }
    for (const type of ['Questionnaire', 'Binary', 'Bundle', 'Subscription', 'User']) {
      expect(access().condition(type, 'read')).toBe(false);
    }
  });
});

describe('queries', () => {
  const LABORATORY = 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
  const laboratory = observation({
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
        ],
      },
    ],
  });

  test('add their condition', () => {
    const access = scoped([`patient/Observation.rs?${LABORATORY}`], { launchPatient: 'pat1' });
    expect(access.allows('Observation', 'read', laboratory)).toBe(true);
    expect(access.allows('Observation', 'read', observation())).toBe(false);
    const elsewhere = { ...laboratory, subject: { reference: 'Patient/pat2' } };
    expect(access.allows('Observation', 'read', elsewhere)).toBe(false);
  });

  test('narrow their own scope only', () => {
    const access = scoped([`user/Observation.rs?${LABORATORY}`, 'user/Observation.r?status=final']);
    expect(access.allows('Observation', 'read', observation())).toBe(true);
    expect(access.allows('Observation', 'search', observation())).toBe(false);
    expect(access.allows('Observation', 'search', laboratory)).toBe(true);
  });

  test.each(['colour=red', '_count=1', 'status=', '_include=Observation:subject', 'date=yesterday'])(
    'with %s allow nothing',
    (query) => {
      expect(scoped([`user/Observation.rs?${query}`]).condition('Observation', 'read')).toBe(false);
    },
  );

  test('are no place for variables', () => {
    expect(scoped(['user/Patient.rs?general-practitioner=%profile']).condition('Patient', 'read')).toBe(
      false,
    );
  });
});

test('a malformed scope allows nothing and is noted', () => {
  const access = scoped(['user/Observation.sr']);
  expect(access.condition('Observation', 'read')).toBe(false);
  expect(access.faults).toMatchObject([{ expression: 'user/Observation.sr' }]);
});
