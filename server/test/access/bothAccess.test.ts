import { expect, test } from '@jest/globals';
import type { Access } from '../../src/access/access.ts';
import { BothAccess } from '../../src/access/bothAccess.ts';
import { NO_ACCESS } from '../../src/access/noAccess.ts';
import type { Condition } from '../../src/fhir/search/ast.ts';
import type { Resource } from '../../src/fhir/resource.ts';

const may = (change: Partial<Access>): Access => ({
  ...NO_ACCESS,
  condition: () => true,
  allows: () => true,
  allowsText: () => true,
  unlimited: true,
  ...change,
});
const both = (one: Partial<Access>, other: Partial<Access>) => new BothAccess(may(one), may(other));
const byId = (id: string): Condition => ({ kind: 'id', ids: [id] });
const patient: Resource = { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1970-01-01' };

test('reaches what both reach', () => {
  const limited = both({ condition: () => byId('1') }, { condition: () => byId('2') });
  expect(limited.condition('Patient', 'read')).toEqual({ kind: 'and', conditions: [byId('1'), byId('2')] });
  expect(both({}, { condition: () => byId('2') }).condition('Patient', 'read')).toEqual(byId('2'));
  expect(both({ condition: () => false }, {}).condition('Patient', 'read')).toBe(false);
});

test('allows what both allow, and does not know what one of them does not know', () => {
  const answers = [true, false, undefined];
  for (const one of answers)
    for (const other of answers) {
      const access = both(
        { allows: () => one, allowsText: () => one },
        { allows: () => other, allowsText: () => other },
      );
      const wanted =
        one === false || other === false ? false : one === true && other === true ? true : undefined;
      expect([one, other, access.allows('Patient', 'read', patient)]).toEqual([one, other, wanted]);
      expect([one, other, access.allowsText('Patient', 'read', '{}')]).toEqual([one, other, wanted]);
    }
});

test('hides what one of them hides, and keeps what one may not change', () => {
  const access = both(
    { hidden: () => ['gender'], hiddenIn: () => ['gender'], readonlyElements: () => ['name'] },
    {
      hidden: () => ['birthDate'],
      hiddenIn: () => ['birthDate'],
      readonlyElements: () => ['name', 'active'],
    },
  );
  expect(access.hidden('Patient')).toEqual(['gender', 'birthDate']);
  expect(access.shown('Patient', patient)).toEqual({ resourceType: 'Patient', id: '1' });
  expect(access.readonlyElements('Patient')).toEqual(['name', 'active']);
  expect(both({}, {}).shown('Patient', patient)).toBe(patient);
});

test('a write has to satisfy both', () => {
  const kept =
    (name: string): Access['checkWrite'] =>
    (_type, _before, after) => ({
      resource: { ...after, [name]: 'kept' },
      refused: [],
    });
  const access = both(
    { checkWrite: kept('gender'), violated: () => ['one'] },
    { checkWrite: kept('birthDate'), violated: () => ['other'] },
  );
  expect(access.checkWrite('Patient', undefined, patient)).toEqual({
    resource: { ...patient, gender: 'kept', birthDate: 'kept' },
    refused: [],
  });
  expect(access.violated('Patient', undefined, patient)).toEqual(['one', 'other']);
  const refusing = both({ checkWrite: (_type, _before, resource) => ({ resource, refused: ['x'] }) }, {});
  expect(refusing.checkWrite('Patient', undefined, patient).refused).toEqual(['x']);
});

test('is unlimited where both are', () => {
  expect([both({}, {}).unlimited, both({}, { unlimited: false }).unlimited]).toEqual([true, false]);
});
