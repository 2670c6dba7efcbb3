import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { namesHash } from '../../../src/records/erasure/certificate.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { filesWith, storeState, type StoreState } from './storeState.ts';
import { ERASED, GONE, plant, PLANTED, signPatientIn } from './world.ts';

let server: TestServer;
let state: StoreState;
/** What the patient sends as Authorization. */
let patient: string;
const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-erase-'));

beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  server = await startTestServer({ databaseSchema, blobUrl: `file:${folder}` });
  state = await storeState(databaseSchema);
  await plant(server);
  patient = await signPatientIn(server);
});
afterAll(async () => {
  await state.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

interface Parameter {
  name: string;
  part?: Parameter[];
  [value: string]: unknown;
}
const base = () => `${server.url}/fhir/R4`;
const erase = (parameter: object[], id = ERASED) =>
  server
    .api()
    .post(`/Patient/${id}/$erase`)
    .set('Content-Type', 'application/fhir+json')
    .send(JSON.stringify({ resourceType: 'Parameters', parameter }));
const REASON = { name: 'reason', valueString: 'asked by letter of 2026-11-20' };
const DRY = { name: 'dryRun', valueBoolean: true };
const valuesOf = (parameters: readonly Parameter[], name: string, value: string) =>
  parameters.filter((one) => one.name === name).map((one) => one[value]);

const read = async (name: string) => (await server.api().get(`/${name}`)).body as Record<string, unknown>;

async function put(resource: Record<string, unknown>): Promise<void> {
  const answer = await server
    .api()
    .put(`/${String(resource.resourceType)}/${String(resource.id)}`)
    .send(resource);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
}

test('a dry run tells what would be done, and changes nothing', async () => {
  const before = (await state.query('SELECT count(*) FROM SCHEMA.changes'))[0];
  const answer = await erase([DRY]);
  expect(answer.status).toBe(200);
  const { parameter } = answer.body as { parameter: Parameter[] };
  expect(valuesOf(parameter, 'possible', 'valueBoolean')).toEqual([true]);
  const counts = parameter
    .filter(({ name }) => name === 'erased')
    .map(({ part }) => [part![0]!.valueCode, part![1]!.valueInteger]);
  expect(Object.fromEntries(counts)).toMatchObject({
    Patient: 1,
    Observation: 2,
    Binary: 3,
    User: 1,
    Provenance: 1,
  });
  expect(valuesOf(parameter, 'files', 'valueInteger')).toEqual([2]);
  const changes = valuesOf(parameter, 'changes', 'valueReference').map(
    (one) => (one as { reference: string }).reference,
  );
  expect(changes).toEqual([
    'Appointment/zz-together',
    'AuditEvent/zz-event',
    'Device/zz-device',
    'Group/zz-group',
    'List/zz-list',
    'Observation/zz-misfiled',
    `Patient/${ERASED}-2`,
    'Practitioner/zz-doctor',
  ]);
  expect((await state.query('SELECT count(*) FROM SCHEMA.changes'))[0]).toEqual(before);
  expect((await server.api().get(`/Patient/${ERASED}`)).status).toBe(200);
});

test('needs a reason', async () => {
  expect((await erase([])).status).toBe(400);
  expect((await erase([{ name: 'dryRun', valueString: 'perhaps' }])).status).toBe(400);
  expect((await erase([REASON, { name: 'erase', valueString: 'nothing' }])).status).toBe(400);
});

test('what is under a legal hold, or cannot be taken apart, forbids it', async () => {
  const condition = await read('Condition/zz-condition');
  const label = { system: 'https://maxray.example/fhir/CodeSystem/erasure', code: 'legal-hold' };
  await put({ ...condition, meta: { security: [label] } });
  const entry = [ERASED, `${ERASED}-2`].map((id) => ({
    fullUrl: `urn:uuid:${randomUUID()}`,
    resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: `Patient/${id}` } },
  }));
  await put({ resourceType: 'Bundle', id: 'zz-mixed', type: 'collection', entry });
  const { parameter } = (await erase([DRY])).body as { parameter: Parameter[] };
  expect(valuesOf(parameter, 'possible', 'valueBoolean')).toEqual([false]);
  expect(valuesOf(parameter, 'held', 'valueReference')).toEqual([{ reference: 'Condition/zz-condition' }]);
  expect(valuesOf(parameter, 'shared', 'valueReference')).toEqual([{ reference: 'Bundle/zz-mixed' }]);
  const refused = await erase([REASON]);
  expect(refused.status).toBe(409);
  expect(JSON.stringify(refused.body)).toContain('Condition/zz-condition');
  expect(JSON.stringify(refused.body)).toContain('Bundle/zz-mixed');
  expect((await server.api().get(`/Patient/${ERASED}`)).status).toBe(200);
  await put(condition);
  const still = await erase([DRY, { name: 'erase', valueString: 'Bundle/zz-mixed' }]);
  expect(valuesOf((still.body as { parameter: Parameter[] }).parameter, 'possible', 'valueBoolean')).toEqual([
    true,
  ]);
});

test('nothing of the patient is left, in no table and no file, and others keep theirs', async () => {
  expect(await state.findAll([PLANTED])).not.toEqual([]);
  expect(filesWith(folder, PLANTED)).toHaveLength(2);
  const answer = await erase([REASON, { name: 'erase', valueString: 'Bundle/zz-mixed' }]);
  expect(answer.status).toBe(200);

  expect(await state.findAll([PLANTED])).toEqual([]);
  expect(filesWith(folder, PLANTED)).toEqual([]);
  expect(filesWith(folder, 'a leaflet for everybody')).toHaveLength(1);
  const naming = await state.findAll([`Patient/${ERASED}"`]);
  // That they happened to this id is kept; the AuditEvent that a client stored keeps its reference.
  expect(naming.filter((row) => !/^(audit_record|auditevent):/.test(row))).toEqual([]);
  expect(await state.query('SELECT * FROM SCHEMA.erased_blob')).toEqual([]);
  expect(await state.query(`SELECT * FROM SCHEMA.identity_secret WHERE owner = 'User/zz-user'`)).toEqual([]);

  const signedIn = await server.api().get('/Patient').set('Authorization', patient);
  expect(signedIn.status).toBe(401);
  for (const name of [...GONE, 'Bundle/zz-mixed']) {
    expect([name, (await server.api().get(`/${name}`)).status]).toEqual([name, 404]);
    expect([name, (await server.api().get(`/${name}/_history`)).status]).toEqual([name, 404]);
    expect([name, (await server.api().get(`/${name}/_history/1`)).status]).toEqual([name, 404]);
  }
  expect(await state.verify(base())).toEqual([]);
});

test('what is of others as well stays, without the patient', async () => {
  expect(await read('Group/zz-group')).toMatchObject({
    member: [{ entity: { reference: `Patient/${ERASED}-2`, display: 'Somebody Else' } }],
  });
  expect(await read('Group/zz-group')).not.toHaveProperty('text');
  expect((await read('List/zz-list')).entry).toHaveLength(1);
  expect((await read('Appointment/zz-together')).participant).toHaveLength(1);
  const device = (await server.api().get('/Device/zz-device')).text;
  expect(JSON.parse(device)).toMatchObject({
    patient: { extension: [{ valueCode: 'masked' }] },
    serialNumber: '1.50',
  });
  expect(await read(`Patient/${ERASED}-2`)).not.toHaveProperty('link');
  expect(await read('AuditEvent/zz-event')).toMatchObject({
    entity: [{ what: { reference: `Patient/${ERASED}` } }],
  });
  expect(await read('Binary/zz-leaflet')).toBeDefined();
  expect((await server.api().get('/Observation/zz-others')).status).toBe(200);
});

test('superseded versions that named the patient are gone, and say so', async () => {
  expect((await server.api().get('/Observation/zz-misfiled/_history/1')).status).toBe(410);
  expect((await server.api().get('/Observation/zz-misfiled/_history/2')).status).toBe(200);
  const history = await read('Group/zz-group/_history');
  const entries = history.entry as { request: { method: string }; resource?: unknown }[];
  expect(entries.map(({ request }) => request.method)).toEqual(['PUT', 'DELETE', 'DELETE']);
  expect((await server.api().get('/_history?_count=1000')).status).toBe(200);
  expect((await server.api().get('/Group/_history?_count=1000')).status).toBe(200);
});

test('searches find nothing of the patient', async () => {
  for (const query of [
    `Observation?subject=Patient/${ERASED}`,
    `Patient?_id=${ERASED}`,
    `Group?member=Patient/${ERASED}`,
  ]) {
    expect(await read(`${query}&_total=accurate`)).toMatchObject({ total: 0 });
  }
});

test('the certificate says what was erased, and is given again', async () => {
  const again = await erase([REASON]);
  expect(again.status).toBe(200);
  const certificate = again.body as { id: string; content: { attachment: { data: string } }[] };
  expect(await read(`DocumentReference/${certificate.id}`)).toEqual(certificate);
  const text = Buffer.from(certificate.content[0]!.attachment.data, 'base64').toString();
  expect(text).not.toContain(ERASED);
  const { parameter } = JSON.parse(text) as { parameter: Parameter[] };
  expect(valuesOf(parameter, 'by', 'valueString')).toEqual(['ClientApplication/test-administrator']);
  expect(valuesOf(parameter, 'reason', 'valueString')).toEqual([REASON.valueString]);
  const [salt] = valuesOf(parameter, 'names-salt', 'valueString') as string[];
  const names = [...GONE, 'Bundle/zz-mixed'].sort();
  expect(valuesOf(parameter, 'names-sha256', 'valueString')).toEqual([namesHash(salt!, names)]);
});

test('the log says that the patient was erased', async () => {
  const found = await read(`AuditEvent?patient=Patient/${ERASED}&_count=1000`);
  const entries = found.entry as {
    resource: { action: string; entity?: { what?: { reference?: string } }[] };
  }[];
  const deletions = entries.filter(({ resource }) => resource.action === 'D');
  const names = deletions.flatMap(
    ({ resource }) => resource.entity?.map(({ what }) => what?.reference) ?? [],
  );
  expect(names).toContain(`Patient/${ERASED}`);
});

test('nobody but administrators may, and of nobody nothing is erased', async () => {
  const people = new People(server);
  await people.prepare();
  await put({ resourceType: 'Practitioner', id: 'doctor', name: [{ family: 'D' }] });
  await people.policy('everything', [{ resourceType: '*' }]);
  const authorization = await people.client('app', {
    profile: 'Practitioner/doctor',
    policies: ['everything'],
  });
  const refused = await erase([DRY], `${ERASED}-2`).set('Authorization', authorization);
  expect(refused.status).toBe(403);
  expect((await erase([DRY], 'nobody-ever')).status).toBe(404);
  expect((await erase([REASON], 'nobody-ever')).status).toBe(404);
});

test('files that a server did not come to remove go with the next request', async () => {
  await server.api().put('/Binary/left').set('Content-Type', 'image/png').send(Buffer.from('left behind'));
  await state.query(`WITH gone AS (DELETE FROM SCHEMA.binary_blob WHERE id = 'left' RETURNING key)
    INSERT INTO SCHEMA.erased_blob SELECT key FROM gone`);
  expect(filesWith(folder, 'left behind')).toHaveLength(1);
  expect((await erase([REASON])).status).toBe(200);
  expect(filesWith(folder, 'left behind')).toEqual([]);
  expect(await state.query('SELECT * FROM SCHEMA.erased_blob')).toEqual([]);
});
