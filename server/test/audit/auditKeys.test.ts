import { expect, test } from '@jest/globals';
import { AuditKeys, INDEXED_RESOURCES_MAX, withoutVersion } from '../../src/audit/auditKeys.ts';
import { OUTCOME, type AuditRecord } from '../../src/audit/record.ts';

const keys = new AuditKeys(Buffer.alloc(16, 7));
const record: AuditRecord = {
  recordedMs: 1,
  event: 'read',
  outcome: OUTCOME.success,
  agent: { client: 'app', user: 'ada', profile: 'Practitioner/ada' },
  address: '192.0.2.1',
  patients: ['p1'],
  resources: ['Observation/o1/_history/3'],
};
const agentKeys = [keys.agent('Practitioner/ada'), keys.identity('app'), keys.identity('ada')];

test('a record has a key for each thing that a search asks for', () => {
  expect(keys.of(record)).toEqual({
    keys: [...agentKeys, keys.patient('p1'), keys.resource('Observation/o1')],
    shown: [],
  });
});

test('a Patient has one key, and another Patient that is only shown its own', () => {
  const resources = ['Patient/p1/_history/1', 'Patient/p2'];
  expect(keys.of({ ...record, resources }).keys).toEqual([
    ...agentKeys,
    keys.patient('p1'),
    keys.resource('Patient/p2'),
  ]);
});

test('each key stands once, of few and of many', () => {
  const few = keys.of({ ...record, resources: ['Observation/o1', 'Observation/o1/_history/2'] });
  expect(few).toEqual({
    keys: [...agentKeys, keys.patient('p1'), keys.resource('Observation/o1')],
    shown: [],
  });
  const many = Array.from({ length: 20 }, (_, i) => `Observation/o${i}`);
  expect(keys.of({ ...record, resources: [...many, ...many] }).shown).toHaveLength(many.length);
});

test('of many resources all but Patients are what the record shows', () => {
  const many = Array.from({ length: INDEXED_RESOURCES_MAX }, (_, i) => `Observation/o${i}/_history/1`);
  expect(keys.of({ ...record, resources: [...many, 'Patient/p2/_history/4'] })).toEqual({
    keys: [...agentKeys, keys.patient('p1'), keys.resource('Patient/p2')],
    shown: many.map((one) => keys.resource(one)),
  });
});

test('keys are signed 64-bit numbers of one secret and one form', () => {
  const found = [keys.agent('x'), keys.identity('x'), keys.patient('x'), keys.resource('x')];
  expect(new Set(found).size).toBe(4);
  for (const key of found) expect(BigInt.asIntN(64, key)).toBe(key);
  expect(new AuditKeys(Buffer.alloc(16, 8)).patient('x')).not.toBe(keys.patient('x'));
});

test.each([
  ['Patient/1/_history/2', 'Patient/1'],
  ['Patient/1', 'Patient/1'],
  ['Patient/1/_history/2/more', 'Patient/1/_history/2/more'],
])('%s without its version is %s', (reference, bare) => {
  expect(withoutVersion(reference)).toBe(bare);
});
