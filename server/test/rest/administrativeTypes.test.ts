import { expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api } = serverForFile();

const CLIENT = {
  resourceType: 'ClientApplication',
  id: 'app',
  name: 'an app',
  secret: 'planted-1',
  retiringSecret: 'planted-2',
  identityProvider: { issuer: 'https://idp.example', clientSecret: 'planted-3' },
};
const USER = {
  resourceType: 'User',
  id: 'u',
  firstName: 'A',
  lastName: 'B',
  email: 'a@b.example',
  passwordHash: 'planted-4',
};
const PROJECT = {
  resourceType: 'Project',
  id: 'p',
  setting: [{ name: 'colour', valueString: 'red' }],
  secret: [{ name: 'key', valueString: 'planted-5' }],
  site: [{ name: 's', domain: ['x.example'], googleClientSecret: 'planted-6' }],
};

const put = (resource: { resourceType: string; id: string }) =>
  api().put(`/${resource.resourceType}/${resource.id}`).set('Content-Type', FHIR).send(fhir(resource));

test('secrets in a resource are in no answer, no content, no history', async () => {
  for (const resource of [CLIENT, USER, PROJECT]) {
    const written = await put(resource).expect(201);
    const { resourceType, id } = resource;
    const found = await api().get(`/${resourceType}/${id}`).expect(200);
    const history = await api().get(`/${resourceType}/${id}/_history`).expect(200);
    const page = await api().get(`/${resourceType}?_id=${id}`).expect(200);
    for (const { text } of [written, found, history, page]) {
      expect(text).toContain(id);
      expect(text).not.toContain('planted');
    }
  }
  const { body } = await api().get('/Project/p').expect(200);
  expect(body).toMatchObject({ setting: PROJECT.setting, site: [{ domain: ['x.example'] }] });
});

test('nor does a patch, a transaction or XML bring one in', async () => {
  await put({ ...CLIENT, id: 'patched' } as typeof CLIENT).expect(201);
  const patch = [{ op: 'add', path: '/secret', value: 'planted' }];
  await api()
    .patch('/ClientApplication/patched')
    .set('Content-Type', 'application/json-patch+json')
    .send(JSON.stringify(patch))
    .expect(200);
  const entry = [
    {
      resource: { ...CLIENT, id: 'in-bundle' },
      request: { method: 'PUT', url: 'ClientApplication/in-bundle' },
    },
  ];
  await api()
    .post('/')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Bundle', type: 'transaction', entry }))
    .expect(200);
  const xml =
    '<ClientApplication xmlns="http://hl7.org/fhir"><id value="xml"/><name value="n"/><secret value="planted"/></ClientApplication>';
  await api().put('/ClientApplication/xml').set('Content-Type', 'application/fhir+xml').send(xml).expect(201);
  const { text } = await api().get('/ClientApplication/_history').expect(200);
  for (const id of ['patched', 'in-bundle', 'xml']) expect(text).toContain(`"id":"${id}"`);
  expect(text).not.toContain('planted');
});

test('they are checked and searched like any other', async () => {
  const { body } = await api()
    .post('/ProjectMembership')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'ProjectMembership', user: { reference: 'Patient/1' } }))
    .expect(400);
  const expressions = (body as { issue: { expression: string[] }[] }).issue.flatMap(
    ({ expression }) => expression,
  );
  expect(expressions).toEqual(
    expect.arrayContaining(['ProjectMembership.user', 'ProjectMembership.project']),
  );
  await put(USER);
  const found = await api().get('/User?email:exact=a@b.example').expect(200);
  expect((found.body as { entry: unknown[] }).entry).toHaveLength(1);
});

test('the CapabilityStatement and a search of all types do not know them', async () => {
  await put(USER);
  const { text } = await api().get('/metadata').expect(200);
  for (const type of ['ProjectMembership', 'AccessPolicy', 'ClientApplication'])
    expect(text).not.toContain(type);
  const all = await api().get('/?_id=u').expect(200);
  expect((all.body as { total: number }).total).toBe(0);
});

test('a policy that would not work is refused, alone and in a transaction, with what is wrong', async () => {
  const policy = (criteria: string) => ({
    resourceType: 'AccessPolicy',
    id: 'policy',
    resource: [{ resourceType: 'Patient' }, { resourceType: 'Patient', criteria }],
  });
  await put(policy('Patient?active=true')).expect(201);
  const { body } = await put(policy('Patient?nonsense=true')).expect(422);
  const [issue] = (body as { issue: { expression: string[]; diagnostics: string }[] }).issue;
  expect(issue!.expression).toEqual(['AccessPolicy.resource[1]']);
  expect(issue!.diagnostics).toContain('nonsense');
  const entry = [
    { resource: policy('Patient?nonsense=true'), request: { method: 'PUT', url: 'AccessPolicy/policy' } },
  ];
  await api()
    .post('/')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Bundle', type: 'transaction', entry }))
    .expect(422);
  expect((await api().get('/AccessPolicy/policy').expect(200)).body.meta.versionId).toBe('1');
});
