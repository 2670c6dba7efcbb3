import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Values of the header Authorization. */
let device: string;
/** The same, of a client that administers. */
let robot: string;
let app: string;
let mother: string;

const ON_BEHALF_OF = 'https://maxray.example/fhir/StructureDefinition/maxray-membership-on-behalf-of';
const FHIR = 'application/fhir+json';

interface Provenance {
  target: { reference: string }[];
  agent: { who: unknown; onBehalfOf?: unknown; type?: { coding: { code: string }[] } }[];
  activity?: { coding: { code: string }[] };
  entity?: { role: string; what: { reference: string } }[];
  recorded: string;
  meta: { lastUpdated: string };
}

beforeAll(async () => {
  server = await startTestServer();
  const people = new People(server);
  await people.prepare();
  await people.put({ resourceType: 'Practitioner', id: 'doctor', name: [{ family: 'Doctor' }] });
  for (const id of ['p1', 'p2']) await people.put({ resourceType: 'Patient', id, name: [{ family: id }] });
  await people.put({
    resourceType: 'RelatedPerson',
    id: 'mother',
    patient: { reference: 'Patient/p1' },
    name: [{ family: 'M' }],
  });
  const all = { interaction: ['read', 'search', 'history', 'vread', 'create', 'update', 'delete'] };
  await people.policy('everything', [{ resourceType: '*' }]);
  await people.policy('of-p1', [
    { resourceType: 'Observation', criteria: 'Observation?subject=Patient/p1', ...all },
  ] as never);
  device = await people.client('device', { profile: 'Bot/device', policies: ['everything'] });
  const administrator = { profile: 'Bot/robot', policies: ['everything'], admin: true };
  robot = await people.client('robot', administrator);
  app = await people.client('app', { profile: 'Practitioner/other', policies: ['everything'] });
  const mothersPolicy = ['of-p1'];
  mother = await people.authorization(
    await people.person('mother', { profile: 'RelatedPerson/mother', policies: mothersPolicy }),
  );
  await people.person('doctor', { profile: 'Practitioner/doctor', policies: ['of-p1'] });
});
afterAll(() => server.stop());

const observation = (id: string, patient: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
});

const send = (
  method: 'put' | 'post' | 'delete' | 'get',
  path: string,
  { as, body, headers = {} }: { as: string; body?: object; headers?: Record<string, string> },
) => {
  const request = server.api()[method](path).set('Authorization', as).set(headers);
  return body === undefined ? request : request.set('Content-Type', FHIR).send(JSON.stringify(body));
};

async function provenancesOf(target: string): Promise<Provenance[]> {
  const { body } = await server.api().get(`/Provenance?target=${target}&_sort=_lastUpdated&_count=100`);
  return ((body as { entry?: { resource: Provenance }[] }).entry ?? []).map(({ resource }) => resource);
}

const activities = (provenances: readonly Provenance[]) =>
  provenances.map(({ activity }) => activity?.coding[0]?.code);

const DEVICE = {
  type: 'Device',
  identifier: { system: 'https://maxray.example/fhir/identifier/client', value: 'device' },
};

test('what a client writes as itself has a Provenance with the version, in the same transaction', async () => {
  const created = await send('put', '/Observation/d1', { as: device, body: observation('d1', 'p1') });
  expect(created.status).toBe(201);
  await send('put', '/Observation/d1', {
    as: device,
    body: { ...observation('d1', 'p1'), status: 'amended' },
  });
  await send('delete', '/Observation/d1', { as: device });
  const [first, second, third, ...others] = await provenancesOf('Observation/d1');
  expect(others).toEqual([]);
  expect(activities([first!, second!, third!])).toEqual(['CREATE', 'UPDATE', 'DELETE']);
  expect(first).toMatchObject({
    target: [{ reference: 'Observation/d1/_history/1' }],
    agent: [{ who: DEVICE, type: { coding: [{ code: 'assembler' }] } }],
  });
  expect(first!.entity).toBeUndefined();
  expect(second!.entity).toEqual([{ role: 'revision', what: { reference: 'Observation/d1/_history/1' } }]);
  expect(third!.target).toEqual([{ reference: 'Observation/d1/_history/3' }]);
  const { lastUpdated } = (created.body as { meta: { lastUpdated: string } }).meta;
  expect([first!.recorded, first!.meta.lastUpdated]).toEqual([lastUpdated, lastUpdated]);
});

test('what people and their apps write for themselves has none', async () => {
  await send('put', '/Observation/a1', { as: app, body: observation('a1', 'p1') });
  await server.api().put('/Observation/a2').send(observation('a2', 'p1'));
  expect(await provenancesOf('Observation/a1,Observation/a2')).toEqual([]);
});

test('of a transaction: one for each activity and patient, and none where nothing is written', async () => {
  const entry = [
    { resource: observation('t1', 'p1'), request: { method: 'PUT', url: 'Observation/t1' } },
    { resource: observation('t2', 'p1'), request: { method: 'PUT', url: 'Observation/t2' } },
    { resource: observation('t3', 'p2'), request: { method: 'PUT', url: 'Observation/t3' } },
  ];
  const body = { resourceType: 'Bundle', type: 'transaction', entry };
  expect((await send('post', '/', { as: device, body })).status).toBe(200);
  const found = await provenancesOf('Observation/t1,Observation/t2,Observation/t3');
  expect(found.map(({ target }) => target.map(({ reference }) => reference)).sort()).toEqual([
    ['Observation/t1/_history/1', 'Observation/t2/_history/1'],
    ['Observation/t3/_history/1'],
  ]);
  const failing = { ...body, entry: [{ ...entry[0], request: { ...entry[0]!.request, ifMatch: 'W/"9"' } }] };
  expect((await send('post', '/', { as: device, body: failing })).status).toBe(412);
  expect(await provenancesOf('Observation/t1')).toHaveLength(1);
});

test('a raw Binary, a patch and a conditional write have theirs', async () => {
  const upload = server.api().put('/Binary/b1').set('Authorization', robot).set('Content-Type', 'image/png');
  expect((await upload.send(Buffer.from('bytes'))).status).toBe(201);
  expect(await provenancesOf('Binary/b1')).toHaveLength(1);
  await send('put', '/Observation/c1', { as: device, body: observation('c1', 'p1') });
  const patch = server.api().patch('/Observation/c1').set('Authorization', device);
  const patched = await patch
    .set('Content-Type', 'application/json-patch+json')
    .send(JSON.stringify([{ op: 'replace', path: '/status', value: 'amended' }]));
  expect(patched.status).toBe(200);
  await send('delete', '/Observation?_id=c1', { as: device });
  expect(activities(await provenancesOf('Observation/c1'))).toEqual(['CREATE', 'UPDATE', 'DELETE']);
});

test('what a relative writes is on behalf of the patient', async () => {
  expect((await send('put', '/Observation/m1', { as: mother, body: observation('m1', 'p1') })).status).toBe(
    201,
  );
  expect(await provenancesOf('Observation/m1')).toMatchObject([
    { agent: [{ who: { reference: 'RelatedPerson/mother' }, onBehalfOf: { reference: 'Patient/p1' } }] },
  ]);
  expect((await send('put', '/Observation/m2', { as: mother, body: observation('m2', 'p2') })).status).toBe(
    403,
  );
});

describe('on behalf of another', () => {
  const BEHALF = { 'X-Medplum-On-Behalf-Of': 'Practitioner/doctor' };
  const body = observation('o1', 'p1');

  async function open(extension: object[]): Promise<void> {
    const membership = (await server.api().get('/ProjectMembership/app')).body as Record<string, unknown>;
    const answer = await server
      .api()
      .put('/ProjectMembership/app')
      .set('Content-Type', FHIR)
      .send(JSON.stringify({ ...membership, ...(extension.length > 0 && { extension }) }));
    expect(answer.status).toBe(200);
  }

  test('is refused unless the membership says so, and tells nothing of whom there is', async () => {
    for (const headers of [BEHALF, { 'X-Medplum-On-Behalf-Of': 'Practitioner/nobody' }]) {
      expect((await send('put', '/Observation/o1', { as: app, body, headers })).status).toBe(403);
      expect((await send('get', '/Observation/o1', { as: app, headers })).status).toBe(403);
    }
    const wrong = { 'X-Medplum-On-Behalf-Of': 'no reference' };
    expect((await send('get', '/Observation/o1', { as: app, headers: wrong })).status).toBe(400);
    const administrator = server.api().get('/Observation/o1').set(BEHALF);
    expect((await administrator).status).toBe(403);
    await open([{ url: ON_BEHALF_OF, valueReference: { reference: 'Practitioner/nobody' } }]);
    expect((await send('get', '/Observation/o1', { as: app, headers: BEHALF })).status).toBe(403);
  });

  test('has the rights of both, and is noted', async () => {
    await open([{ url: ON_BEHALF_OF, valueReference: { reference: 'Practitioner/doctor' } }]);
    expect((await send('put', '/Observation/o1', { as: app, body, headers: BEHALF })).status).toBe(201);
    const byMembership = { 'X-Medplum-On-Behalf-Of': 'ProjectMembership/doctor' };
    expect((await send('get', '/Observation/o1', { as: app, headers: byMembership })).status).toBe(200);
    const agent = [
      {
        who: { type: 'Device', identifier: { value: 'app' } },
        onBehalfOf: { reference: 'Practitioner/doctor' },
      },
    ];
    expect(await provenancesOf('Observation/o1')).toMatchObject([{ agent }]);
    // The app may do everything, the doctor not.
    const others = observation('o2', 'p2');
    expect((await send('put', '/Observation/o2', { as: app, body: others, headers: BEHALF })).status).toBe(
      403,
    );
    expect((await send('put', '/Observation/o2', { as: app, body: others })).status).toBe(201);
    expect((await send('get', '/Observation/o2', { as: app, headers: BEHALF })).status).toBe(404);
    expect((await send('get', '/Patient/p1', { as: app, headers: BEHALF })).status).toBe(403);
    const log = await server.api().get('/AuditEvent?entity=Observation/o1&_count=50');
    expect(JSON.stringify(log.body)).toContain('"who":{"reference":"Practitioner/doctor"}');
  });

  test('is opened by a type of profile, too', async () => {
    await open([{ url: ON_BEHALF_OF, valueCode: 'Practitioner' }]);
    expect((await send('get', '/Observation/o1', { as: app, headers: BEHALF })).status).toBe(200);
    const related = { 'X-Medplum-On-Behalf-Of': 'RelatedPerson/mother' };
    expect((await send('get', '/Observation/o1', { as: app, headers: related })).status).toBe(403);
  });
});

describe('the header X-Provenance', () => {
  const given = {
    resourceType: 'Provenance',
    recorded: '2026-01-02T03:04:05Z',
    agent: [{ who: { reference: 'Practitioner/doctor' } }],
    reason: [{ text: 'asked für' }],
  };
  const header = (value: unknown) => ({
    'X-Provenance': (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('ü', '\\u00fc'),
  });

  test('is stored with what is written as its target', async () => {
    const body = observation('x1', 'p1');
    expect((await send('put', '/Observation/x1', { as: app, body, headers: header(given) })).status).toBe(
      201,
    );
    expect(await provenancesOf('Observation/x1')).toMatchObject([
      { ...given, target: [{ reference: 'Observation/x1/_history/1' }] },
    ]);
    const { id: _id, ...anew } = body;
    const created = await send('post', '/Observation', { as: app, body: anew, headers: header(given) });
    expect(created.status).toBe(201);
    expect(await provenancesOf(`Observation/${(created.body as { id: string }).id}`)).toHaveLength(1);
  });

  test('of a transaction has all that is written as targets', async () => {
    const entry = ['x2', 'x3'].map((id) => ({
      resource: observation(id, 'p1'),
      request: { method: 'PUT', url: `Observation/${id}` },
    }));
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await send('post', '/', { as: app, body, headers: header(given) })).status).toBe(200);
    expect((await provenancesOf('Observation/x2'))[0]!.target).toHaveLength(2);
    const batch = { ...body, type: 'batch' };
    expect((await send('post', '/', { as: app, body: batch, headers: header(given) })).status).toBe(400);
  });

  test('is refused where it is faulty, and nothing is written', async () => {
    const body = observation('x9', 'p1');
    const { agent: _agent, ...agentless } = given;
    for (const wrong of [
      'no JSON',
      '[]',
      '"text"',
      { ...given, target: [{ reference: 'Observation/x9' }] },
      { ...given, resourceType: 'Patient' },
      agentless,
      { ...given, unknown: true },
    ]) {
      const answer = await send('put', '/Observation/x9', { as: app, body, headers: header(wrong) });
      expect([wrong, answer.status]).toEqual([wrong, 400]);
      expect(JSON.stringify(answer.body)).toContain('X-Provenance');
    }
    expect((await server.api().get('/Observation/x9')).status).toBe(404);
  });

  test('is forbidden to those who may not store a Provenance', async () => {
    const body = observation('x8', 'p1');
    expect((await send('put', '/Observation/x8', { as: mother, body, headers: header(given) })).status).toBe(
      403,
    );
    expect((await server.api().get('/Observation/x8')).status).toBe(404);
  });
});
