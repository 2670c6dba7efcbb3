import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditEvent } from '../../../src/audit/auditEvent/render.ts';
import { NO_ACCESS } from '../../../src/access/noAccess.ts';
import { AuditEvents } from '../../../src/records/auditLog/auditEvents.ts';
import type { Caller } from '../../../src/records/caller.ts';
import { Cursors } from '../../../src/records/cursors.ts';
import { readRecord } from '../../audit/support.ts';
import { auditWorld, type AuditWorld } from '../../audit/world.ts';

const BASE = 'https://clinic.example/fhir/R4';
let world: AuditWorld;
let events: AuditEvents;
beforeAll(async () => {
  world = await auditWorld();
  const audit = {
    search: world.search,
    event: (one: Parameters<typeof auditEvent>[0]) => auditEvent(one, BASE),
  };
  events = new AuditEvents(audit, new Cursors(new Uint8Array(32)), BASE);
  await world.write(
    readRecord({ patients: ['ann'], resources: ['Observation/of-ann'] }),
    readRecord({
      event: 'search-type',
      query: 'Observation?patient=ann,bob',
      patients: ['ann', 'bob'],
      resources: ['Observation/of-ann', 'Observation/of-bob', 'Patient/ann/_history/1'],
    }),
    readRecord({ patients: ['bob'], resources: ['Observation/of-bob'] }),
    // What a patient does is about him- or herself, whomever it shows.
    readRecord({ agent: { profile: 'Patient/ann' }, patients: ['carl'], resources: ['Observation/of-carl'] }),
  );
});
afterAll(() => world.close());

const caller = (agent: Caller['agent'], isAdministrator = false): Caller => ({
  id: JSON.stringify(agent),
  isAdministrator,
  access: NO_ACCESS,
  agent,
});
const ANN = caller({ user: 'u-ann', profile: 'Patient/ann' });
const DOCTOR = caller({ user: 'u-ada', profile: 'Practitioner/ada' });
const ADMINISTRATOR = caller({ client: 'admin' }, true);
const request = { patient: 'ann', count: 10 };

test('patients see who saw their data, and nothing of others who stand in the same record', async () => {
  const { matches } = await events.accessReport(ANN, request);
  const text = JSON.stringify(matches);
  expect(matches).toHaveLength(3);
  for (const words of ['Dr Ada', 'Observation/of-ann', 'Patient/ann/_history/1'])
    expect(text).toContain(words);
  for (const words of ['bob', 'carl', Buffer.from('ann,bob').toString('base64').slice(0, 8)])
    expect(text).not.toContain(words);
});

test('administrators see the whole records', async () => {
  const { matches } = await events.accessReport(ADMINISTRATOR, request);
  expect(JSON.stringify(matches)).toContain('Patient/bob');
});

test('nobody else sees who saw them', async () => {
  const asks = async (who: Caller, patient: string) => events.accessReport(who, { ...request, patient });
  await expect(asks(DOCTOR, 'ann')).rejects.toMatchObject({ category: 'forbidden' });
  await expect(asks(ANN, 'bob')).rejects.toMatchObject({ category: 'forbidden' });
});

test('only administrators read and search the log', async () => {
  const query = {
    searches: [{ type: 'AuditEvent', conditions: [], sort: [] }],
    count: 10,
    includes: [],
    summary: 'false' as const,
    contained: 'false' as const,
    containedType: 'container' as const,
    explain: false,
  };
  const { matches } = await events.search(ADMINISTRATOR, query);
  expect(matches).toHaveLength(4);
  const { id } = matches[0]!;
  expect((await events.read(ADMINISTRATOR, id)).content).toBe(matches[0]!.content);
  for (const who of [ANN, DOCTOR]) {
    await expect(events.search(who, query)).rejects.toMatchObject({ category: 'forbidden' });
    await expect(events.read(who, id)).rejects.toMatchObject({ category: 'forbidden' });
  }
});

test('a page of one caller is none of another', async () => {
  const { next } = await events.accessReport(ANN, { ...request, count: 1 });
  await expect(
    (async () => events.accessReport(ADMINISTRATOR, { ...request, count: 1, page: next! }))(),
  ).rejects.toMatchObject({ category: 'incorrect' });
});
