import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { People } from '../../support/people.ts';
import { until } from '../../support/program.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { FHIR, fhir } from '../support.ts';

const CODES = 'http://terminology.hl7.org/CodeSystem';
const PURPOSE = 'https://maxray.example/fhir/StructureDefinition/maxray-policy-purpose-of-use';

let server: TestServer;
let other: TestServer;
let people: People;
let doctor: string;
let ann: string;

beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  server = await startTestServer({ databaseSchema });
  other = await startTestServer({ databaseSchema, publicUrl: server.url });
  people = new People(server);
  await people.prepare('maxray-patient');
  await people.put({ resourceType: 'Organization', id: 'hospital', name: 'Hospital' });
  await people.put({
    resourceType: 'Organization',
    id: 'department',
    name: 'Department',
    partOf: { reference: 'Organization/hospital' },
  });
  await people.put({ resourceType: 'Practitioner', id: 'doc' });
  await people.put({
    ...{ resourceType: 'PractitionerRole', id: 'doc-role', practitioner: { reference: 'Practitioner/doc' } },
    organization: { reference: 'Organization/department' },
  });
  for (const id of ['ann', 'ben']) {
    await people.put({ resourceType: 'Patient', id, active: true });
    const subject = { reference: `Patient/${id}` };
    const category = [{ coding: [{ system: `${CODES}/observation-category`, code: 'laboratory' }] }];
    await people.put({
      ...{ resourceType: 'Observation', id: `of-${id}`, status: 'final', code: { text: 'x' }, category },
      ...{ subject, effectiveDateTime: '2024-03-01' },
    });
    await people.put({
      ...{ resourceType: 'Composition', id: `of-${id}`, status: 'final', type: { text: 'x' }, title: 'x' },
      ...{ subject, date: '2024-03-01', author: [{ reference: 'Practitioner/doc' }] },
    });
  }
  await people.put({
    ...{ resourceType: 'AccessPolicy', id: 'all', name: 'all', resource: [{ resourceType: '*' }] },
    extension: [{ url: PURPOSE, valueCode: 'TREAT' }],
  });
  doctor = await people.client('doc', { profile: 'Practitioner/doc', policies: ['all'] });
  const person = await people.person('ann', { profile: 'Patient/ann', policies: ['maxray-patient'] });
  ann = await people.authorization(person);
});
afterAll(async () => {
  await other.stop();
  await server.stop();
});

const as = (authorization: string, at = server) =>
  request.agent(`${at.url}/fhir/R4`).set('Authorization', authorization);
const reading = async (path: string, at = server) => (await as(doctor, at).get(path)).status;
const found = async (path: string): Promise<string[]> => {
  const { body } = await as(doctor).get(path).expect(200);
  const { entry = [] } = body as { entry?: { resource: { resourceType: string; id: string } }[] };
  return entry.map(({ resource }) => `${resource.resourceType}/${resource.id}`).sort();
};

const consent = (provision: object | undefined, more: object = {}) => ({
  resourceType: 'Consent',
  id: 'of-ann',
  status: 'active',
  scope: { coding: [{ system: `${CODES}/consentscope`, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: 'Patient/ann' },
  policyRule: { coding: [{ system: `${CODES}/v3-ActCode`, code: 'OPTIN' }] },
  ...(provision && { provision }),
  ...more,
});
const toWhom = (reference: string) => [
  { role: { coding: [{ system: `${CODES}/v3-ParticipationType`, code: 'IRCP' }] }, reference: { reference } },
];
const byAnn = (resource: object) =>
  as(ann).put('/Consent/of-ann').set('Content-Type', FHIR).send(fhir(resource));
const revoked = () => byAnn(consent(undefined, { status: 'inactive' })).expect(200);

test('what a patient withholds is gone at once here, and within a moment elsewhere, until it is revoked', async () => {
  await byAnn(consent({ type: 'deny', actor: toWhom('Practitioner/doc') })).expect(201);
  expect(await reading('/Observation/of-ann')).toBe(404);
  await until(
    async () => (await reading('/Observation/of-ann', other)) === 404,
    'the other server heard of it',
  );
  for (const path of [
    '/Patient/ann',
    '/Patient/ann/_history',
    '/Patient/ann/_history/1',
    '/Patient/ann/$everything',
    '/Composition/of-ann/$document',
    '/Consent/of-ann',
  ])
    expect([path, await reading(path)]).toEqual([path, 404]);
  expect(await found('/Patient?_total=accurate')).toEqual(['Patient/ben']);
  expect(await found('/Patient/ann/Observation')).toEqual([]);
  expect(await found('/Observation?_include=Observation:subject')).toEqual([
    'Observation/of-ben',
    'Patient/ben',
  ]);
  expect(await found('/Patient?_has:Observation:patient:status=final')).toEqual(['Patient/ben']);
  expect(await found('/Observation?subject:Patient.active=true&_sort=date')).toEqual(['Observation/of-ben']);
  expect(await found('/Observation/$lastn?category=laboratory&patient=ann')).toEqual([]);
  expect((await found('/_history?_count=500')).filter((name) => name.endsWith('ann'))).toEqual([]);
  const count = await as(doctor).get('/Observation?_summary=count').expect(200);
  expect(count.body).toMatchObject({ total: 1 });

  await revoked();
  expect(await reading('/Observation/of-ann')).toBe(200);
  await until(
    async () => (await reading('/Observation/of-ann', other)) === 200,
    'the other server heard of it',
  );
});

test('what may not be seen may not be changed either', async () => {
  await byAnn(consent({ type: 'deny', actor: toWhom('Practitioner/doc') })).expect(200);
  const observation = {
    ...{ resourceType: 'Observation', id: 'of-ann', status: 'amended', code: { text: 'y' } },
    subject: { reference: 'Patient/ann' },
  };
  const put = (path: string, body: object) => as(doctor).put(path).set('Content-Type', FHIR).send(fhir(body));
  await put('/Observation/of-ann', observation).expect(404);
  await put('/Observation/of-ben', { ...observation, id: 'of-ben' }).expect(403);
  await as(doctor).delete('/Observation/of-ann').expect(204);
  await as(doctor).post('/Observation').set('Content-Type', FHIR).send(fhir(observation)).expect(403);
  const one = (method: string, url: string, resource?: object) => ({
    ...(resource && { resource }),
    request: { method, url },
  });
  const transaction = await as(doctor)
    .post('/')
    .set('Content-Type', FHIR)
    .send(
      fhir({
        ...{ resourceType: 'Bundle', type: 'transaction' },
        entry: [one('PUT', 'Observation?code:text=x&patient=ann', { ...observation, id: undefined })],
      }),
    );
  expect(transaction.status).toBe(403); // it finds nothing to update, and may not make one
  await revoked();
  expect((await as(doctor).get('/Observation/of-ann').expect(200)).body).toMatchObject({ status: 'final' });
});

test('the patient sees it all, administrators too, and nobody withholds by it what is of others', async () => {
  await byAnn(consent({ type: 'deny' })).expect(200);
  await as(ann).get('/Observation/of-ann').expect(200);
  const own = await as(ann).get('/Observation?_total=accurate').expect(200);
  expect(own.body).toMatchObject({ total: 1 });
  await server.api().get('/Observation/of-ann').expect(200);
  expect(await reading('/Observation/of-ben')).toBe(200);
  await revoked();
});

const DENIED = { type: 'deny', actor: toWhom('Practitioner/doc') };
const PERMITTED = { ...DENIED, type: 'permit' };

describe('a provision is about', () => {
  const cases: [string, object, string[]][] = [
    [
      'an organisation, and all that is part of it',
      { type: 'deny', actor: toWhom('Organization/hospital') },
      [],
    ],
    [
      'another practitioner',
      { type: 'deny', actor: toWhom('Practitioner/other') },
      ['Observation', 'Patient'],
    ],
    [
      'a class of resources',
      { type: 'deny', class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }] },
      ['Patient'],
    ],
    ['data of a time', { type: 'deny', dataPeriod: { start: '2024', end: '2024' } }, ['Patient']],
    ['data of another time', { type: 'deny', dataPeriod: { start: '2025' } }, ['Observation', 'Patient']],
    ['a purpose', { type: 'deny', purpose: [{ system: `${CODES}/v3-ActReason`, code: 'TREAT' }] }, []],
    [
      'another purpose',
      { type: 'deny', purpose: [{ system: `${CODES}/v3-ActReason`, code: 'HRESCH' }] },
      ['Observation', 'Patient'],
    ],
    ['a time that is over', { type: 'deny', period: { end: '2020' } }, ['Observation', 'Patient']],
    [
      'all, with an exception',
      { type: 'deny', provision: [{ type: 'permit', actor: toWhom('PractitionerRole/doc-role') }] },
      ['Observation', 'Patient'],
    ],
    ['a permission before a denial beside it', { type: 'permit', provision: [PERMITTED, DENIED] }, []],
    ['a denial before a permission beside it', { type: 'permit', provision: [DENIED, PERMITTED] }, []],
    ['something that is not understood', { type: 'deny', code: [{ text: 'x' }] }, []],
  ];

  test.each(cases)('%s', async (_, provision, seen) => {
    await byAnn(consent(provision)).expect(200);
    const statuses = {
      Observation: await reading('/Observation/of-ann'),
      Patient: await reading('/Patient/ann'),
    };
    const shown = Object.entries(statuses).flatMap(([type, status]) => (status === 200 ? [type] : []));
    expect(shown).toEqual(seen);
    await revoked();
  });

  test('a care team, as long as one belongs to it', async () => {
    const member = { member: { reference: 'Practitioner/doc' } };
    const team = { resourceType: 'CareTeam', id: 'team', status: 'active' };
    await people.put({ ...team, participant: [member] });
    await byAnn(
      consent({ type: 'deny', provision: [{ type: 'permit', actor: toWhom('CareTeam/team') }] }),
    ).expect(200);
    expect(await reading('/Observation/of-ann')).toBe(200);
    await people.put({ ...team, participant: [{ ...member, period: { end: '2020-01-01' } }] });
    expect(await reading('/Observation/of-ann')).toBe(404);
    await people.put({ ...team, participant: [member] });
    expect(await reading('/Observation/of-ann')).toBe(200);
    await revoked();
  });
});

test('an active one that nobody could be held to is refused, and says why', async () => {
  const { patient: _, ...nobodys } = consent({ type: 'deny' });
  const put = (body: object) =>
    server.api().put('/Consent/of-nobody').set('Content-Type', FHIR).send(fhir(body));
  const answer = await put({ ...nobodys, id: 'of-nobody' });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ issue: [{ code: 'business-rule', expression: ['Consent.patient'] }] });
  const many = { type: 'deny', provision: Array.from({ length: 100 }, () => ({ type: 'permit' })) };
  const tooMany = await put({ ...consent(many), id: 'of-nobody' });
  expect([tooMany.status, tooMany.body.issue[0].expression]).toEqual([422, ['Consent.provision']]);
  await server.api().get('/Consent/of-nobody').expect(404);
});
