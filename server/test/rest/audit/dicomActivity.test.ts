import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { COUNT_DEFAULT } from '../../../src/fhir/search/limits.ts';
import { ACTIVITIES_MAX } from '../../../src/operations/dicomActivity.ts';
import { until } from '../../audit/support.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const STUDY = '1.2.840.99.1';
const DICOM_BRIDGE = 'bridge-of-the-test';

let server: TestServer;
let bridge: string;
let reader: string;
beforeAll(async () => {
  server = await startTestServer();
  const people = new People(server);
  await people.prepare();
  const standing = (policy: string) => ({ profile: 'Practitioner/nobody', policies: [policy] });
  await people.policy('tells', [{ resourceType: 'AuditEvent', interaction: ['create'] }]);
  await people.policy('reads', [{ resourceType: 'AuditEvent', interaction: ['read', 'search'] }]);
  bridge = await people.client(DICOM_BRIDGE, standing('tells'));
  reader = await people.client('reader', standing('reads'));
  await people.put({
    resourceType: 'ImagingStudy',
    id: 'study',
    identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${STUDY}` }],
    status: 'available',
    subject: { reference: 'Patient/ada' },
  });
});
afterAll(() => server.stop());

const tell = (authorization: string, body: object) =>
  request(`${server.url}/fhir/R4`)
    .post('/AuditEvent/$dicom-activity')
    .set({ Authorization: authorization, 'Content-Type': 'application/json' })
    .send(JSON.stringify(body));
const activity = (more: object = {}) => ({
  id: randomUUID(),
  atMs: 1_700_000_000_000,
  kind: 'attached',
  ...more,
});
interface Named {
  reference?: string;
  identifier?: { value: string };
}
const recorded = async (id: string) => {
  const { body } = await server.api().get('/AuditEvent').query({ _count: '200' });
  const entries = body.entry as { resource: { entity?: { what?: Named }[] } }[];
  const found = entries.filter(({ resource }) =>
    resource.entity?.some(({ what }) => what?.identifier?.value === id),
  );
  return found.map(({ resource }) => resource);
};
const recordedSoon = async (id: string) => {
  await until(async () => (await recorded(id)).length > 0, 'the activity is in the log');
  return recorded(id);
};

test('what is told is in the log, by who has seen it, with the patients of studies that were given away', async () => {
  const sent = activity({
    kind: 'sent',
    failed: true,
    aeTitle: 'READER 1',
    address: '192.0.2.7',
    device: 'Device/7',
    studies: [[STUDY, 3]],
    text: 'C-GET',
  });
  expect((await tell(bridge, { activities: [sent, activity()] })).status).toBe(204);
  expect(await recordedSoon(sent.id)).toMatchObject([
    {
      type: { code: '110104' },
      subtype: [{ code: 'RAD-16' }],
      action: 'R',
      recorded: '2023-11-14T22:13:20.000Z',
      outcome: '4',
      outcomeDesc: 'C-GET',
      agent: [
        { who: { identifier: { value: 'AET:READER 1' } }, network: { address: '192.0.2.7' } },
        {},
        { who: { reference: 'Device/7' } },
      ],
      source: { observer: { identifier: { value: DICOM_BRIDGE } } },
      entity: [
        { what: { reference: 'ImagingStudy/study' } },
        {
          what: { identifier: { system: 'urn:dicom:uid', value: `urn:oid:${STUDY}` } },
          role: { code: '3' },
          detail: [{ type: 'instances', valueString: '3' }],
        },
        { what: { reference: 'Patient/ada' } },
        {},
      ],
    },
  ]);
});

test('the patients of all studies that were given away are named, also where these are more than a page of a search', async () => {
  const numbers = Array.from({ length: COUNT_DEFAULT + 1 }, (_, i) => i);
  const entry = numbers.map((i) => ({
    resource: {
      resourceType: 'ImagingStudy',
      identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${STUDY}.${i}` }],
      status: 'available',
      subject: { reference: `Patient/given-${i}` },
    },
    request: { method: 'POST', url: 'ImagingStudy' },
  }));
  await server.api().post('/').send({ resourceType: 'Bundle', type: 'transaction', entry }).expect(200);
  const sent = activity({ kind: 'sent', studies: numbers.map((i) => [`${STUDY}.${i}`, 1]) });
  await tell(bridge, { activities: [sent] });
  const [event] = await recordedSoon(sent.id);
  const named = event!.entity!.map(({ what }) => what?.reference);
  expect(named).toEqual(expect.arrayContaining(numbers.map((i) => `Patient/given-${i}`)));
});

test('who may not create AuditEvents tells nothing', async () => {
  const one = activity();
  expect((await tell(reader, { activities: [one] })).status).toBe(403);
  const after = activity();
  await tell(bridge, { activities: [after] });
  await recordedSoon(after.id);
  expect(await recorded(one.id)).toEqual([]);
});

test.each<[string, object, string]>([
  ['nothing', {}, 'activities'],
  ['no activity', { activities: [] }, 'activities'],
  ['too many', { activities: Array(ACTIVITIES_MAX + 1).fill(activity()) }, 'activities'],
  ['no object', { activities: ['attached'] }, 'activities[0]'],
  [
    'a member that is not known',
    { activities: [activity(), activity({ name: 'Ann' })] },
    'activities[1].name',
  ],
  ['no id', { activities: [activity({ id: 'x' })] }, 'activities[0].id'],
  ['a time of next year', { activities: [activity({ atMs: Date.now() + 3e10 })] }, 'activities[0].atMs'],
  ['another kind', { activities: [activity({ kind: 'read' })] }, 'activities[0].kind'],
  ['a failure in words', { activities: [activity({ failed: 'yes' })] }, 'activities[0].failed'],
  ['a long AE title', { activities: [activity({ aeTitle: 'A'.repeat(17) })] }, 'activities[0].aeTitle'],
  ['a host name', { activities: [activity({ address: 'unit.example' })] }, 'activities[0].address'],
  ['a person as Device', { activities: [activity({ device: 'Patient/ada' })] }, 'activities[0].device'],
  ['a long text', { activities: [activity({ text: 'x'.repeat(257) })] }, 'activities[0].text'],
  ['a UID that is none', { activities: [activity({ studies: [['../1', 1]] })] }, 'activities[0].studies'],
  ['half an object', { activities: [activity({ studies: [[STUDY, 0.5]] })] }, 'activities[0].studies'],
])('%s is refused', async (_what, body, expression) => {
  const { status, body: outcome } = await tell(bridge, body);
  expect([status, outcome.issue[0].expression]).toEqual([400, [expression]]);
});
