import { beforeEach, expect, test } from '@jest/globals';
import { AuditKeys } from '../../../src/audit/auditKeys.ts';
import { fitting, recordOf, rowOf } from '../../../src/audit/encode.ts';
import type { AuditRecord } from '../../../src/audit/record.ts';
import { fhirError } from '../../../src/fhir/outcome.ts';
import { OUTCOME, type Asked } from '../../../src/records/trail/trail.ts';
import { Trails } from '../../../src/records/trail/trails.ts';

const BASE = 'https://clinic.example/fhir/R4';
const keys = new AuditKeys(new Uint8Array(16));
let appended: AuditRecord[] = [];
beforeEach(() => {
  appended = [];
});

const trails = new Trails(
  {
    append: (record) => Promise.resolve(void appended.push(record)),
    rows: (records) => records.flatMap(fitting).map((record) => rowOf(record, keys)),
  },
  BASE,
);
const origin = { agent: { client: 'ward' }, address: '192.0.2.1', requestId: 'r1' };
const begin = (asked: Asked) => trails.begin(origin, asked);
const observation = (id: string, patient: string) => ({
  type: 'Observation',
  id,
  content: `{"resourceType":"Observation","subject":{"reference":"Patient/${patient}"}}`,
});

test('a record names what was shown, once each, and whom it is about', async () => {
  const trail = begin({ event: 'search-type', query: 'Observation?code=1' });
  trail.showsAll([observation('o1', 'p1'), observation('o2', 'p1'), observation('o1', 'p1')]);
  trail.shows({ type: 'Patient', id: 'p2', version: 4, content: null });
  trail.shows({ type: 'Basic', id: '', containedIn: { type: 'Patient', id: 'p3' }, content: '{}' });
  await trail.end(OUTCOME.success);
  expect(appended).toEqual([
    {
      ...origin,
      recordedMs: expect.any(Number),
      event: 'search-type',
      outcome: 0,
      query: 'Observation?code=1',
      resources: ['Observation/o1', 'Observation/o2', 'Patient/p2/_history/4', 'Patient/p3'],
      patients: ['p1', 'p2', 'p3'],
    },
  ]);
});

test('what failed names what was asked for, and nothing that was found on the way', async () => {
  const trail = begin({ event: 'vread', target: { type: 'Patient', id: 'p1', versionId: '2' } });
  trail.shows(observation('o1', 'p9'));
  await trail.end(OUTCOME.seriousFailure, '403 Forbidden: forbidden');
  expect(appended).toMatchObject([
    {
      outcome: 8,
      outcomeText: '403 Forbidden: forbidden',
      resources: ['Patient/p1/_history/2'],
      patients: ['p1'],
    },
  ]);
});

test('a write is recorded by its own row, and not again', async () => {
  const trail = begin({ event: 'update', target: { type: 'Observation', id: 'o1' } });
  const rows = trail.rows('update', 'Observation', 'o1', observation('o1', 'p1').content);
  expect(rows.map((row) => recordOf({ ...row, version: 3 }))).toMatchObject([
    { ...origin, event: 'update', resources: ['Observation/o1/_history/3'], patients: ['p1'] },
  ]);
  trail.wrote();
  await trail.end(OUTCOME.success);
  expect(appended).toEqual([]);
});

test('a write that wrote nothing is recorded: as a read of what it showed instead, or as what was asked for', async () => {
  const kept = begin({ event: 'create' });
  kept.shows({ ...observation('o1', 'p1'), version: 1 });
  await kept.end(OUTCOME.success);
  const absent = begin({ event: 'delete', target: { type: 'Observation', id: 'o7' } });
  await absent.end(OUTCOME.success);
  expect(appended).toMatchObject([
    { event: 'read', resources: ['Observation/o1/_history/1'], patients: ['p1'] },
    { event: 'delete', resources: ['Observation/o7'], patients: [] },
  ]);
});

test.each([
  ['User', 'user-changed'],
  ['ProjectMembership', 'roles-changed'],
  ['AccessPolicy', 'security-configuration'],
  ['ClientApplication', 'security-configuration'],
])('a write of a %s is also %s', (type, event) => {
  const rows = begin({ event: 'create' }).rows('create', type, 'x', '{}');
  expect(rows.map((row) => recordOf(row).event)).toEqual(['create', event]);
});

test('parts are recorded by themselves, and who cannot be recorded is told', async () => {
  const trail = begin({ event: 'batch' });
  const part = trail.part({ event: 'read', target: { type: 'Observation', id: 'o1' } });
  part.shows({ ...observation('o1', 'p1'), version: 2 });
  await part.end(OUTCOME.success);
  await trail.end(OUTCOME.success);
  expect(appended).toMatchObject([
    { event: 'read', requestId: 'r1', resources: ['Observation/o1/_history/2'] },
    { event: 'batch', requestId: 'r1', resources: [] },
  ]);
  const full = new Trails(
    { append: () => Promise.reject(fhirError('busy', 'transient', 'full')), rows: () => [] },
    BASE,
  );
  await expect(full.begin(origin, { event: 'read' }).end(OUTCOME.success)).rejects.toThrow('full');
});
