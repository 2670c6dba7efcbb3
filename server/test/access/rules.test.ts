import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessPolicyResource } from '@medplum/fhirtypes';
import type { AccessInteraction } from '../../src/access/access.ts';
import type { AccessContext } from '../../src/access/context.ts';
import { accessOf, observation, openContext, patient, policy } from './support.ts';

const ALL: AccessInteraction[] = ['read', 'vread', 'history', 'search', 'create', 'update', 'delete'];

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

const access = (...entries: AccessPolicyResource[]) => accessOf(context, [policy(...entries)]);
const allowed = (entry: AccessPolicyResource, type = entry.resourceType) =>
  ALL.filter((one) => access(entry).condition(type, one) !== false);

describe('without a rule', () => {
  test('nothing is allowed: no policy, an empty one, one about another type', () => {
    for (const one of ALL) {
      expect(accessOf(context, []).condition('Observation', one)).toBe(false);
      expect(accessOf(context, [policy()]).allows('Observation', one, observation())).toBe(false);
      expect(access({ resourceType: 'Patient' }).condition('Observation', one)).toBe(false);
    }
  });

  test('a type that does not exist is nobody’s, not even with *', () => {
    expect(access({ resourceType: '*' }).condition('Nonsense', 'read')).toBe(false);
    expect(access({ resourceType: '*' }).allows('Nonsense', 'read', { resourceType: 'Nonsense' })).toBe(
      false,
    );
  });
});

describe('interactions', () => {
  test('none named: all', () => {
    expect(allowed({ resourceType: 'Observation' })).toEqual(ALL);
  });

  test('readonly: what reads', () => {
    expect(allowed({ resourceType: 'Observation', readonly: true })).toEqual(ALL.slice(0, 4));
  });

  test('named: those', () => {
    expect(allowed({ resourceType: 'Observation', interaction: ['read', 'update'] })).toEqual([
      'read',
      'update',
    ]);
    expect(allowed({ resourceType: 'Observation', interaction: [] })).toEqual([]);
  });

  test('named and readonly: both must allow', () => {
    expect(allowed({ resourceType: 'Observation', interaction: ['read', 'update'], readonly: true })).toEqual(
      ['read'],
    );
  });
});

describe('criteria', () => {
  test('narrow every interaction', () => {
    const rules = access({ resourceType: 'Observation', criteria: 'Observation?status=final' });
    for (const one of ALL) {
      expect(rules.allows('Observation', one, observation())).toBe(true);
      expect(rules.allows('Observation', one, observation({ status: 'preliminary' }))).toBe(false);
    }
  });

  test('of several parameters all must hold, of several values one', () => {
    const rules = access({
      resourceType: 'Observation',
      criteria: 'Observation?status=final,amended&code=a,8867-4',
    });
    expect(rules.allows('Observation', 'read', observation())).toBe(true);
    expect(rules.allows('Observation', 'read', observation({ status: 'amended' }))).toBe(true);
    expect(rules.allows('Observation', 'read', observation({ code: { coding: [{ code: 'b' }] } }))).toBe(
      false,
    );
  });

  test('of several rules one must hold, in one policy and across policies', () => {
    const final = { resourceType: 'Observation', criteria: 'Observation?status=final', readonly: true };
    const one = { resourceType: 'Observation', criteria: 'Observation?_id=obs2' };
    for (const rules of [access(final, one), accessOf(context, [policy(final), policy(one)])]) {
      expect(rules.allows('Observation', 'read', observation())).toBe(true);
      expect(rules.allows('Observation', 'update', observation())).toBe(false);
      expect(rules.allows('Observation', 'update', observation({ id: 'obs2', status: 'unknown' }))).toBe(
        true,
      );
      expect(rules.allows('Observation', 'read', observation({ id: 'obs3', status: 'unknown' }))).toBe(false);
      expect(rules.condition('Observation', 'read')).toMatchObject({ kind: 'or' });
      expect(rules.condition('Observation', 'update')).toMatchObject({ kind: 'id' });
    }
  });

  test('a rule about all resources makes the others needless', () => {
    const rules = access(
      { resourceType: 'Observation', criteria: 'Observation?status=final' },
      { resourceType: 'Observation' },
    );
    expect(rules.condition('Observation', 'read')).toBe(true);
  });

  test('what takes the database is left open, unless the rest decides', () => {
    const chain = 'Observation?patient.general-practitioner=%profile';
    const rules = access({ resourceType: 'Observation', criteria: `${chain}&status=final` });
    expect(rules.allows('Observation', 'read', observation())).toBeUndefined();
    expect(rules.allows('Observation', 'read', observation({ status: 'amended' }))).toBe(false);
    const either = access(
      { resourceType: 'Observation', criteria: chain },
      { resourceType: 'Observation', criteria: 'Observation?status=final' },
    );
    expect(either.allows('Observation', 'read', observation())).toBe(true);
    expect(either.allows('Observation', 'read', observation({ status: 'amended' }))).toBeUndefined();
  });

  test.each([
    'Observation?_has:DiagnosticReport:result:status=final',
    'Observation?_list=l1',
    'Observation?_content=secret',
    'Observation?_lastUpdated=gt2020',
    'Observation?code:in=http://example.org/vs',
    'Observation?date=ap2020-01-01',
    'Observation?code:below=http://loinc.org|8867-4',
  ])('%s is left open in memory', (criteria) => {
    const rules = access({ resourceType: 'Observation', criteria });
    expect(rules.faults).toEqual([]);
    expect(rules.allows('Observation', 'read', observation())).toBeUndefined();
    const negated = access({
      resourceType: 'Observation',
      criteria: 'Observation?code:not-in=http://example.org/vs',
    });
    expect(negated.allows('Observation', 'read', observation())).toBeUndefined();
  });
});

describe('compartments', () => {
  test('_compartment is R4’s compartment', () => {
    const rules = access({ resourceType: 'Observation', criteria: 'Observation?_compartment=Patient/pat1' });
    expect(rules.allows('Observation', 'read', observation())).toBe(true);
    const other = { subject: { reference: 'Patient/pat2' } };
    expect(rules.allows('Observation', 'read', observation(other))).toBe(false);
    const performed = observation({ ...other, performer: [{ reference: 'Patient/pat1' }] });
    expect(rules.allows('Observation', 'read', performed)).toBe(true);
  });

  test('a rule’s compartment narrows it', () => {
    const rules = access({ resourceType: '*', compartment: { reference: 'Patient/pat1' } });
    expect(rules.allows('Observation', 'delete', observation())).toBe(true);
    expect(rules.allows('Patient', 'read', patient())).toBe(true);
    expect(rules.allows('Patient', 'read', patient({ id: 'pat2' }))).toBe(false);
    expect(rules.condition('Organization', 'read')).toBe(false);
  });

  test('a policy’s compartment holds what is created under it', () => {
    const rules = accessOf(context, [
      { ...policy({ resourceType: 'Observation' }), compartment: { reference: 'Patient/pat1' } },
    ]);
    const elsewhere = observation({ subject: { reference: 'Patient/pat2' } });
    expect(rules.allows('Observation', 'create', observation())).toBe(true);
    expect(rules.allows('Observation', 'create', elsewhere)).toBe(false);
    expect(rules.allows('Observation', 'update', elsewhere)).toBe(true);
  });

  test('an identifier in place of a reference makes the policy allow nothing', () => {
    const rules = accessOf(context, [
      { ...policy({ resourceType: 'Observation' }), compartment: { display: 'Anna' } },
    ]);
    expect(rules.condition('Observation', 'read')).toBe(false);
    expect(rules.faults).toMatchObject([{ expression: 'AccessPolicy' }]);
  });
});

describe('rules about every type', () => {
  test('are about R4’s types, those that their criteria can be put to', () => {
    const rules = access({ resourceType: '*', criteria: '*?patient=Patient/pat1', readonly: true });
    expect(rules.allows('Observation', 'read', observation())).toBe(true);
    expect(rules.allows('Observation', 'update', observation())).toBe(false);
    expect(rules.condition('Organization', 'read')).toBe(false);
  });
});

describe('the types that administer the server', () => {
  const ADMIN = ['User', 'ClientApplication', 'Project', 'ProjectMembership', 'AccessPolicy', 'Bot'];

  test.each(ADMIN)('%s is opened to nobody but administrators, by * or by name', (type) => {
    const rules = access({ resourceType: '*' }, { resourceType: type });
    for (const one of ALL) expect(rules.condition(type, one)).toBe(false);
    expect(rules.faults).toMatchObject([{ expression: 'AccessPolicy.resource[1]' }]);
    expect(rules.condition('Patient', 'read')).toBe(true);
  });

  test('administrators have them without a policy, and nothing else', () => {
    const rules = accessOf(context, [], { administrator: true });
    for (const type of ADMIN) expect(rules.condition(type, 'update')).toBe(true);
    expect(rules.condition('Patient', 'read')).toBe(false);
  });

  test('scopes limit administrators, too', () => {
    const rules = accessOf(context, [policy({ resourceType: '*' })], {
      administrator: true,
      scopes: ['user/Patient.rs'],
    });
    expect(rules.condition('AccessPolicy', 'read')).toBe(false);
    expect(rules.condition('Patient', 'read')).toBe(true);
  });
});

test('what all rules ask in common is asked once, where a search can go by it', () => {
  const ofAda = (rest: string) => ({
    resourceType: 'Observation',
    criteria: `Observation?patient=Patient/ada${rest}`,
  });
  const common = { kind: 'reference', references: [{ value: 'Patient/ada' }] };
  expect(access(ofAda('&status=final'), ofAda('&code=a')).condition('Observation', 'read')).toMatchObject({
    kind: 'and',
    conditions: [common, { kind: 'or', conditions: [{ kind: 'token' }, { kind: 'token' }] }],
  });
  expect(access(ofAda('&status=final'), ofAda('')).condition('Observation', 'read')).toMatchObject(common);
});
