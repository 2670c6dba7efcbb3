import { expect, test } from '@jest/globals';
import { AuditKeys, withoutVersion } from '../../src/audit/auditKeys.ts';
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
  expect(keys.of(record)).toEqual([...agentKeys, keys.patient('p1'), keys.resource('Observation/o1')]);
});

test('a Patient has one key, and another Patient that is only shown its own', () => {
  const resources = ['Patient/p1/_history/1', 'Patient/p2'];
  expect(keys.of({ ...record, resources })).toEqual([
    ...agentKeys,
    keys.patient('p1'),
    keys.resource('Patient/p2'),
  ]);
});

test('each key stands once, of few and of many', () => {
  const many = Array.from({ length: 20 }, (_, i) => `Observation/o${i}`);
  for (const resources of [
    ['Observation/o1', 'Observation/o1/_history/2'],
    [...many, ...many],
  ])
    expect(keys.of({ ...record, resources })).toHaveLength(4 + new Set(resources.map(withoutVersion)).size);
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
