import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ImagingStudy, OperationOutcome, Provenance, Task } from '@medplum/fhirtypes';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const TASKS = 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task';
const RECONCILIATION = 'https://maxray.example/fhir/identifier/study-reconciliation';
const UNKNOWN = { type: 'Patient', identifier: { value: '4711' } };

let server: TestServer;
let people: People;
/** May see ann and her orders, studies of anybody, and Tasks. */
let clerk: string;
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  await put({ resourceType: 'Patient', id: 'ann' });
  await put({ resourceType: 'Patient', id: 'ben' });
  const replaced = [{ other: { reference: 'Patient/ann' }, type: 'replaced-by' }];
  await put({ resourceType: 'Patient', id: 'merged', link: replaced });
  await put({ resourceType: 'Encounter', id: 'visit', status: 'finished', class: { code: 'AMB' } });
  await put(order('of-ann', { encounter: { reference: 'Encounter/visit' } }));
  await put(order('of-ben', { subject: { reference: 'Patient/ben' } }));
  await put(order('wrong', { status: 'entered-in-error' }));
  await put(order('of-a-group', { subject: { reference: 'Group/1' } }));
  await people.policy('clerk', [
    { resourceType: 'ImagingStudy' },
    { resourceType: 'Task' },
    { resourceType: 'Patient', criteria: 'Patient?_id=ann' },
    { resourceType: 'ServiceRequest', criteria: 'ServiceRequest?subject=Patient/ann' },
  ]);
  await people.policy('reader', [
    { resourceType: 'ImagingStudy', interaction: ['read', 'search'] },
    { resourceType: 'Patient' },
  ]);
  await put({ resourceType: 'Practitioner', id: 'clerk' });
  const person = await people.person('clerk', { profile: 'Practitioner/clerk', policies: ['clerk'] });
  clerk = await people.authorization(person);
});
afterAll(() => server.stop());

async function put(resource: object): Promise<void> {
  await people.put(resource);
}
const order = (id: string, more: object = {}) => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/ann' },
  ...more,
});

let studies = 0;
/** A study as the bridge stores it, with the Task where it is not known whose it is. */
async function newStudy(subject: object = UNKNOWN, more: object = {}): Promise<string> {
  studies += 1;
  const [id, uid] = [`study-${studies}`, `1.2.3.${studies}`];
  const identifier = [{ system: 'urn:dicom:uid', value: `urn:oid:${uid}` }];
  await put({ resourceType: 'ImagingStudy', id, identifier, status: 'available', subject, ...more });
  if (subject === UNKNOWN) await put(taskOf(id, uid));
  return id;
}
const taskOf = (study: string, uid: string) => ({
  resourceType: 'Task',
  id: `of-${study}`,
  identifier: [{ system: RECONCILIATION, value: uid }],
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: TASKS, code: 'reconcile-study' }] },
  focus: { reference: `ImagingStudy/${study}` },
});

const call = async (
  study: string,
  operation: string,
  parts: Record<string, string> = {},
  authorization = server.authorization,
) => {
  const parameter = Object.entries(parts).map(([name, reference]) => ({
    name,
    valueReference: { reference },
  }));
  const response = await fetch(`${server.url}/fhir/R4/ImagingStudy/${study}/$${operation}`, {
    method: 'POST',
    headers: { authorization, 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
  });
  return {
    status: response.status,
    body: (await response.json()) as ImagingStudy & Pick<OperationOutcome, 'issue'>,
  };
};
const stored = async <T>(place: string): Promise<T> =>
  (await server.api().get(`/${place}`).expect(200)).body as T;
const tasksOf = async (study: string): Promise<Task[]> => {
  const { entry = [] } = await stored<{ entry?: { resource: Task }[] }>(`Task?focus=ImagingStudy/${study}`);
  return entry.map(({ resource }) => resource);
};
const linksOf = ({ subject, basedOn, encounter }: ImagingStudy) => ({ subject, basedOn, encounter });

const ANN = { reference: 'Patient/ann' };
const BEN = { reference: 'Patient/ben' };
const OF_ANN = {
  basedOn: [{ reference: 'ServiceRequest/of-ann' }],
  encounter: { reference: 'Encounter/visit' },
};

test.each([
  ['a patient', { patient: 'Patient/ann' }, { subject: ANN }],
  ['an order, whose patient it then is', { order: 'ServiceRequest/of-ann' }, { subject: ANN, ...OF_ANN }],
  ['both', { patient: 'Patient/ann', order: 'ServiceRequest/of-ann' }, { subject: ANN, ...OF_ANN }],
])('a study is resolved to %s, which closes its task and can be taken back', async (_what, parts, links) => {
  const id = await newStudy();
  const { status, body } = await call(id, 'resolve', parts as Record<string, string>);
  expect([status, linksOf(body)]).toEqual([200, links]);
  expect(linksOf(await stored(`ImagingStudy/${id}`))).toEqual(links);
  const before = { reference: `ImagingStudy/${id}/_history/1` };
  expect(await tasksOf(id)).toEqual([
    expect.objectContaining({
      id: `of-${id}`,
      status: 'completed',
      for: ANN,
      output: [expect.objectContaining({ valueReference: before })],
    }),
  ]);
  const again = await call(id, 'resolve', parts as Record<string, string>);
  expect(again.body.meta?.versionId).toBe('2');

  const back = await call(id, 'unresolve');
  expect([back.status, linksOf(back.body)]).toEqual([200, { subject: UNKNOWN }]);
  const [task, ...others] = await tasksOf(id);
  expect([task?.status, task?.for, task?.output, others]).toEqual(['requested', undefined, undefined, []]);
  expect((await call(id, 'unresolve')).status).toBe(409);
});

test('the record says who has resolved it, on which version', async () => {
  const id = await newStudy();
  expect((await call(id, 'resolve', { patient: 'Patient/ann' }, clerk)).status).toBe(200);
  const { entry = [] } = await stored<{ entry?: { resource: Provenance }[] }>(
    `Provenance?target=ImagingStudy/${id}`,
  );
  expect(entry.map(({ resource }) => resource)).toEqual([
    expect.objectContaining({
      target: expect.arrayContaining([{ reference: `ImagingStudy/${id}/_history/2` }]),
      agent: [expect.objectContaining({ who: { reference: 'Practitioner/clerk' } })],
      entity: expect.arrayContaining([
        { role: 'revision', what: { reference: `ImagingStudy/${id}/_history/1` } },
      ]),
    }),
  ]);
});

test('a study that is linked wrongly is linked to another, and back', async () => {
  const id = await newStudy(BEN, { basedOn: [{ reference: 'ServiceRequest/of-ben' }], description: 'Hand' });
  const { body } = await call(id, 'resolve', { patient: 'Patient/ann' });
  expect(body).toMatchObject({ subject: ANN, description: 'Hand' });
  expect(body.basedOn).toBeUndefined();
  expect(await tasksOf(id)).toEqual([expect.objectContaining({ status: 'completed', for: ANN })]);
  expect((await call(id, 'unresolve', {}, clerk)).status).toBe(404); // ben is none of the clerk's
  const back = await call(id, 'unresolve');
  expect(linksOf(back.body)).toEqual({ subject: BEN, basedOn: [{ reference: 'ServiceRequest/of-ben' }] });
  expect(await tasksOf(id)).toEqual([expect.objectContaining({ status: 'cancelled', for: BEN })]);
});

test('what others have linked since is not taken back, and images that came since stay', async () => {
  const id = await newStudy();
  await call(id, 'resolve', { patient: 'Patient/ann' });
  const study = await stored<ImagingStudy>(`ImagingStudy/${id}`);
  await put({ ...study, numberOfInstances: 2 });
  expect((await call(id, 'unresolve')).body).toMatchObject({ subject: UNKNOWN, numberOfInstances: 2 });
  await call(id, 'resolve', { patient: 'Patient/ann' });
  await put({ ...study, subject: BEN });
  expect((await call(id, 'unresolve')).status).toBe(409);
  expect((await stored<ImagingStudy>(`ImagingStudy/${id}`)).subject).toEqual(BEN);
});

test('it is resolved while images arrive', async () => {
  const id = await newStudy();
  const study = await stored<ImagingStudy>(`ImagingStudy/${id}`);
  const arriving = [1, 2, 3, 4].map((numberOfInstances) => put({ ...study, numberOfInstances }));
  const [{ status }] = await Promise.all([call(id, 'resolve', { patient: 'Patient/ann' }), ...arriving]);
  expect(status).toBe(200);
  expect(await tasksOf(id)).toEqual([expect.objectContaining({ status: 'completed' })]);
});

test.each([
  ['nothing', {}, 400, 'Parameters.parameter'],
  ['something else', { encounter: 'Encounter/visit' }, 400, "Parameters.parameter.where(name = 'encounter')"],
  ['no Patient', { patient: 'Group/1' }, 400, "Parameters.parameter.where(name = 'patient')"],
  [
    'a Patient elsewhere',
    { patient: 'https://x.example/Patient/1' },
    400,
    "Parameters.parameter.where(name = 'patient')",
  ],
  [
    'a Patient who is not there',
    { patient: 'Patient/nobody' },
    422,
    "Parameters.parameter.where(name = 'patient')",
  ],
  [
    'a Patient who was merged',
    { patient: 'Patient/merged' },
    422,
    "Parameters.parameter.where(name = 'patient')",
  ],
  [
    'an order that is not there',
    { order: 'ServiceRequest/none' },
    422,
    "Parameters.parameter.where(name = 'order')",
  ],
  [
    'an order that was a mistake',
    { order: 'ServiceRequest/wrong' },
    422,
    "Parameters.parameter.where(name = 'order')",
  ],
  [
    'an order of a group',
    { order: 'ServiceRequest/of-a-group' },
    422,
    "Parameters.parameter.where(name = 'order')",
  ],
  [
    'an order of another',
    { patient: 'Patient/ann', order: 'ServiceRequest/of-ben' },
    422,
    "Parameters.parameter.where(name = 'order')",
  ],
])('a study is not resolved to %s', async (_what, parts, status, expression) => {
  const id = await newStudy();
  const answer = await call(id, 'resolve', parts as Record<string, string>);
  expect([answer.status, answer.body.issue?.[0]?.expression?.[0]]).toEqual([status, expression]);
  expect((await stored<ImagingStudy>(`ImagingStudy/${id}`)).meta?.versionId).toBe('1');
  expect(await tasksOf(id)).toEqual([expect.objectContaining({ status: 'requested' })]);
});

test('nobody resolves to whom he may not see, nor what he may not write', async () => {
  const id = await newStudy();
  expect((await call(id, 'resolve', { patient: 'Patient/ben' }, clerk)).status).toBe(422);
  expect((await call(id, 'resolve', { order: 'ServiceRequest/of-ben' }, clerk)).status).toBe(422);
  const reader = await people.client('reader', { profile: 'Practitioner/clerk', policies: ['reader'] });
  expect((await call(id, 'resolve', { patient: 'Patient/ann' }, reader)).status).toBe(403);
  expect((await call('study-of-nobody', 'resolve', { patient: 'Patient/ann' })).status).toBe(404);
  // Without the visit, which the clerk may not see.
  const { body } = await call(id, 'resolve', { order: 'ServiceRequest/of-ann' }, clerk);
  expect(linksOf(body)).toEqual({ subject: ANN, basedOn: OF_ANN.basedOn });
});
