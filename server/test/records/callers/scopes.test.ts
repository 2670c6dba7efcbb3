import { expect, test } from '@jest/globals';
import { letAdminister, letReadPatients, letRunBots } from '../../../src/records/callers/scopes.ts';

test.each([
  [['user/*.cruds'], true],
  [['openid', 'fhirUser', 'user/*.*'], true],
  [['user/*.read', 'user/*.write'], true],
  [['user/*.rs'], false],
  [['user/*.cruds?_tag=x'], false],
  [['user/Patient.cruds', 'user/User.cruds'], false],
  [['patient/*.cruds'], false],
  [['system/*.cruds'], false],
  [['user/*.cruds.'], false],
  [[], false],
])('somebody with the scopes %j administers: %s', (scopes, may) => {
  expect(letAdminister(scopes, true)).toBe(may);
});

test('a client on its own behalf does by system scopes', () => {
  expect(letAdminister(['system/*.cruds'], false)).toBe(true);
  expect(letAdminister(['user/*.cruds'], false)).toBe(false);
});

test.each([
  [['user/Patient.rs'], true],
  [['patient/*.read'], true],
  [['user/*.cud', 'user/Observation.rs'], false],
  [['user/Patient.s'], false],
  [['openid'], false],
])('with the scopes %j patients are read: %s', (scopes, may) => {
  expect(letReadPatients(scopes)).toBe(may);
});

test.each([
  [['user/*.cruds'], true],
  [['patient/*.write'], true],
  [['openid', 'user/Patient.rs', 'system/*.u'], true],
  [['user/*.rs'], false],
  [['user/Basic.cruds'], false],
  [['user/*.cruds?_tag=ours'], false],
  [[], false],
])('bots run for those who may write everything: %j', (scopes, expected) => {
  expect(letRunBots(scopes)).toBe(expected);
});
