import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base, fetchFhir } = serverForFile({ conditionalDeletesMax: 5 });

const identified = (value: string, more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:test', value }],
  ...more,
});
const post = (resource: object, criteria: string) =>
  api().post('/Patient').set('Content-Type', FHIR).set('If-None-Exist', criteria).send(fhir(resource));
const put = (query: string, resource: object) =>
  api().put(`/Patient?${query}`).set('Content-Type', FHIR).send(fhir(resource));
const patch = (query: string, operations: object) =>
  api()
    .patch(`/Patient?${query}`)
    .set('Content-Type', 'application/json-patch+json')
    .send(JSON.stringify(operations));
const count = async (query: string) =>
  (await api().get(`/Patient?_summary=count&${query}`).expect(200)).body.total as number;
const made = async (value: string, more: object = {}) =>
  (
    await api()
      .post('/Patient')
      .set('Content-Type', FHIR)
      .send(fhir(identified(value, more)))
      .expect(201)
  ).body as {
    id: string;
  };

describe('conditional create', () => {
  test('makes the resource once', async () => {
    const first = await post(identified('c-1'), 'identifier=urn:test|c-1').expect(201);
    const second = await post(identified('c-1', { active: true }), 'identifier=urn:test|c-1').expect(200);
    expect(second.headers.location).toBe(first.headers.location);
    expect(second.headers.etag).toBe('W/"1"');
    expect(second.body).toEqual(first.body);
    expect(await count('identifier=c-1')).toBe(1);
  });

  test('takes criteria with a question mark and a type before them', async () => {
    await post(identified('c-2'), '?identifier=urn:test|c-2').expect(201);
    await post(identified('c-2'), 'Patient?identifier=urn:test%7Cc-2').expect(200);
    const refused = await post(identified('c-2'), 'Observation?identifier=c-2').expect(400);
    expect(refused.body.issue[0].diagnostics).toContain('Observation');
  });

  test('takes criteria with the address of this server before them, and no other', async () => {
    await post(identified('c-8'), `${base()}/Patient?identifier=urn:test|c-8`).expect(201);
    const byOtherName = base().replace('127.0.0.1', 'localhost');
    await post(identified('c-8'), `${byOtherName}/Patient?identifier=urn:test|c-8`).expect(200);
    await post(identified('c-8'), '/Patient?identifier=urn:test|c-8').expect(200);
    const refused = await post(identified('c-8'), 'http://example.org/Patient?identifier=c-8').expect(400);
    expect(refused.body.issue[0].diagnostics).toContain('Patient?identifier=');
    expect(await count('identifier=c-8')).toBe(1);
  });

  test('of what is there twice is refused', async () => {
    await made('c-3');
    await made('c-3');
    const refused = await post(identified('c-3'), 'identifier=c-3').expect(412);
    expect(refused.body.issue[0].code).toBe('multiple-matches');
    expect(await count('identifier=c-3')).toBe(2);
  });

  test('takes letters beyond ASCII in UTF-8, and criteria once', async () => {
    const resource = identified('c-7', { name: [{ family: 'Müller-Łoś' }] });
    // The characters of a header are the bytes that are sent.
    const send = (criteria: string) =>
      fetchFhir('/Patient', {
        method: 'POST',
        headers: { 'Content-Type': FHIR, 'If-None-Exist': criteria },
        body: fhir(resource),
      });
    const utf8 = Buffer.from('family=Müller-Łoś').toString('latin1');
    const encoded = encodeURI('family=Müller-Łoś');
    for (const [criteria, status] of [[utf8, 201] as const, [utf8, 200] as const, [encoded, 200] as const])
      expect((await send(criteria)).status).toBe(status);
    const latin1 = await send('family=Müller');
    expect([latin1.status, await latin1.text()]).toEqual([400, expect.stringContaining('UTF-8')]);
    const twice = await post(resource, ['identifier=c-8', 'identifier=c-9'] as never).expect(400);
    expect(twice.body.issue[0].diagnostics).toContain('more than once');
    expect(await count('identifier=c-7')).toBe(1);
  });

  test('does not see what was deleted', async () => {
    const { id } = await made('c-4');
    await api().delete(`/Patient/${id}`).expect(204);
    await post(identified('c-4'), 'identifier=c-4').expect(201);
  });

  test('answers as preferred', async () => {
    await made('c-5');
    const outcome = await post(identified('c-5'), 'identifier=c-5')
      .set('Prefer', 'return=OperationOutcome')
      .expect(200);
    expect(outcome.body.issue[0].diagnostics).toContain('there already');
    expect(
      (await post(identified('c-5'), 'identifier=c-5').set('Prefer', 'return=minimal').expect(200)).text,
    ).toBe('');
  });

  test.each([
    ['no criteria', ''],
    ['an unknown parameter', 'nonsense=1'],
    ['an unknown parameter beside a known one', 'identifier=x&nonsense=1'],
    ['how results are sorted', 'identifier=x&_sort=name'],
    ['how many results are given', 'identifier=x&_count=1'],
    ['what is included', 'identifier=x&_include=Patient:organization'],
    ['a broken value', 'birthdate=yesterday'],
    ['broken encoding', 'identifier=%zz'],
  ])('refused: %s, also with lenient handling', async (_what, criteria) => {
    const before = await count('');
    await post(identified('x'), criteria).set('Prefer', 'handling=lenient').expect(400);
    expect(await count('')).toBe(before);
  });

  test('an invalid resource is refused although one is there', async () => {
    await made('c-6');
    await post(identified('c-6', { nonsense: 1 }), 'identifier=c-6').expect(400);
  });
});

describe('conditional update', () => {
  test('creates what is not there, under an id of the server', async () => {
    const first = await put('identifier=u-1', identified('u-1')).expect(201);
    expect(first.headers.location).toContain(`/Patient/${first.body.id as string}/_history/1`);
    const second = await put('identifier=u-1', identified('u-1', { active: true })).expect(200);
    expect([second.body.id, second.body.active, second.headers.etag]).toEqual([first.body.id, true, 'W/"2"']);
  });

  test('creates it under the id of the resource, unless that is taken', async () => {
    await put('identifier=u-2', identified('u-2', { id: 'u-2' })).expect(201);
    const taken = await put('identifier=u-3', identified('u-3', { id: 'u-2' })).expect(409);
    expect(taken.body.issue[0].expression).toEqual(['Patient.id']);
    expect((await api().get('/Patient/u-2').expect(200)).body.identifier[0].value).toBe('u-2');
  });

  test('refuses another id than that of what is found', async () => {
    const { id } = await made('u-4');
    await put('identifier=u-4', identified('u-4', { id: 'another' })).expect(400);
    await put('identifier=u-4', identified('u-4', { id })).expect(200);
    await api().get('/Patient/another').expect(404);
  });

  test('refuses to choose among several', async () => {
    await made('u-5');
    await made('u-5');
    await put('identifier=u-5', identified('u-5')).expect(412);
  });

  test('keeps the versions that the client expects', async () => {
    await made('u-6');
    const stale = await put('identifier=u-6', identified('u-6')).set('If-Match', 'W/"7"').expect(412);
    expect(stale.body.issue[0].diagnostics).toContain('version 1');
    const there = await put('identifier=u-6', identified('u-6')).set('If-None-Match', '*').expect(412);
    expect(there.body.issue[0].diagnostics).toContain('is at version 1, so that it is not created');
    await put('identifier=u-6', identified('u-6')).set('If-Match', 'W/"1"').expect(200);
    await put('identifier=u-7', identified('u-7')).set('If-Match', 'W/"1"').expect(412);
    expect(await count('identifier=u-7')).toBe(0);
    await put('identifier=u-7', identified('u-7')).set('If-None-Match', '*').expect(201);
  });

  test('needs criteria', async () => {
    await put('', identified('x')).expect(400);
    await put('_format=json', identified('x')).expect(400);
  });

  test('finds by chains and reverse chains', async () => {
    const organization = { resourceType: 'Organization', id: 'o-1', name: 'Far Away' };
    await api().put('/Organization/o-1').set('Content-Type', FHIR).send(fhir(organization)).expect(201);
    const managed = identified('u-8', { managingOrganization: { reference: 'Organization/o-1' } });
    await put('organization.name=Far', managed).expect(201);
    await put('organization.name=Far', managed).expect(200);
    await put('_has:Observation:patient:status=final', identified('u-9')).expect(201);
  });
});

describe('conditional delete', () => {
  test('deletes what is found, and nothing is no error', async () => {
    const { id } = await made('d-1');
    const deleted = await api().delete('/Patient?identifier=d-1').expect(204);
    expect(deleted.headers.etag).toBe('W/"2"');
    await api().get(`/Patient/${id}`).expect(410);
    await api().delete('/Patient?identifier=d-1').expect(204);
  });

  test('deletes several, up to the limit', async () => {
    for (let i = 0; i < 5; i++) await made('d-2');
    const told = await api()
      .delete('/Patient?identifier=d-2')
      .set('Prefer', 'return=OperationOutcome')
      .expect(200);
    expect(told.body.issue[0].diagnostics).toContain('5 resources');
    for (let i = 0; i < 6; i++) await made('d-3');
    const refused = await api().delete('/Patient?identifier=d-3').expect(412);
    expect(refused.body.issue[0].code).toBe('multiple-matches');
    expect(await count('identifier=d-3')).toBe(6);
  });

  test('never deletes all for want of criteria', async () => {
    const before = await count('');
    await api().delete('/Patient').expect(400);
    await api().delete('/Patient?').expect(400);
    await api().delete('/Patient?nonsense=1').expect(400);
    expect(await count('')).toBe(before);
  });
});

describe('conditional patch', () => {
  const activate = [{ op: 'add', path: '/active', value: true }];

  beforeAll(async () => {
    await made('p-1');
    await made('p-2');
    await made('p-2');
  });

  test('changes the one that is found', async () => {
    const patched = await patch('identifier=p-1', activate).expect(200);
    expect([patched.body.active, patched.headers.etag]).toEqual([true, 'W/"2"']);
    await patch('identifier=p-1', activate).set('If-Match', 'W/"1"').expect(412);
  });

  test.each([
    ['none', 'identifier=never', 404],
    ['several', 'identifier=p-2', 412],
    ['no criteria', '', 400],
  ])('refused where %s is found', async (_what, query, status) => {
    await patch(query, activate).expect(status);
    expect(await count('identifier=p-2&active=true')).toBe(0);
  });
});

test('a reference by criteria becomes a reference to what is found, also without a bundle', async () => {
  const { id } = await made('r-1');
  const observation = (reference: string) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference },
  });
  const send = (reference: string) =>
    api()
      .post('/Observation')
      .set('Content-Type', FHIR)
      .send(fhir(observation(reference)));
  const written = await send('Patient?identifier=urn:test|r-1').expect(201);
  expect(written.body.subject.reference).toBe(`Patient/${id}`);
  await send('Patient?identifier=urn:test|never').expect(412);
  await send('Patient?nonsense=1').expect(400);
  expect((await api().get('/Observation?_summary=count')).body.total).toBe(1);
});
