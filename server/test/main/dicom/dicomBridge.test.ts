import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runDicom } from '../../../src/cli/dicom/dicom.ts';
import { ADMINISTRATOR, clientAuthorization } from '../../support/administrator.ts';
import { startFakeBridge, type FakeBridge } from '../../support/fakeBridge.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const STATUS = { objects: { recorded: 3 }, peers: ['XRAY1'], faults: [] };
/** The same, with what the server adds. */
const TOLD = { ...STATUS, erasedStudies: { waiting: 0, failing: 0 } };
const METRICS = [
  '# HELP maxray_dicom_objects Objects by state',
  '# TYPE maxray_dicom_objects gauge',
  'maxray_dicom_objects{state="recorded"} 3',
  'process_cpu_seconds_total 1',
].join('\n');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-dicom-'));
const clientFile = path.join(folder, 'client.json');
const secretFile = path.join(folder, 'secret');
let bridge: FakeBridge;
let server: TestServer;
let client: { clientId: string; clientSecret: string };
let authorization: string;
beforeAll(async () => {
  bridge = await startFakeBridge({ '/status': JSON.stringify(STATUS), '/metrics': METRICS });
  server = await startTestServer({
    dicom: 'external',
    dicomBridgeUrl: bridge.url,
    dicomBridgeClientFile: clientFile,
    dicomBridgeSecretFile: secretFile,
  });
  client = JSON.parse(fs.readFileSync(clientFile, 'utf8')) as typeof client;
  authorization = await clientAuthorization(server.url, { id: client.clientId, secret: client.clientSecret });
});
afterAll(async () => {
  await server.stop();
  await bridge.stop();
  fs.rmSync(folder, { recursive: true });
});

const asBridge = async (method: string, place: string, body?: object) => {
  const response = await fetch(`${server.url}/fhir/R4/${place}`, {
    method,
    headers: { authorization, 'Content-Type': 'application/fhir+json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.status;
};
const IMAGING = { coding: [{ system: 'http://snomed.info/sct', code: '363679005' }] };
const TASKS = 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task';
const taskOf = (code: string, system = TASKS) => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system, code }] },
});
const studyOf = (uid: string) => ({
  resourceType: 'ImagingStudy',
  identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${uid}` }],
  status: 'available',
  subject: { identifier: { value: '1' } },
});

test('its files are for the owner alone', () => {
  for (const file of [clientFile, secretFile]) expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readFileSync(secretFile, 'utf8').trim().length).toBeGreaterThanOrEqual(32);
});

const order = (category: object) => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  category: [category],
  subject: { reference: 'Patient/1' },
});
const dose = (category: string) => ({
  resourceType: 'Observation',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] },
  ],
  code: { text: 'Dose' },
});

test.each([
  ['POST', 'ImagingStudy', studyOf('1.2.3'), 201],
  ['GET', 'Patient?identifier=1', undefined, 200],
  ['GET', 'Device', undefined, 200],
  ['GET', 'ServiceRequest', undefined, 200],
  ['GET', 'Appointment', undefined, 200],
  ['POST', 'Task', taskOf('reconcile-study'), 201],
  ['POST', 'Observation', dose('imaging'), 201],
  ['POST', 'Task', taskOf('other', 'https://elsewhere.example'), 403],
  ['POST', 'Observation', dose('laboratory'), 403],
  ['POST', 'Patient', { resourceType: 'Patient' }, 403],
  ['POST', 'ServiceRequest', order(IMAGING), 403],
  ['GET', 'Condition', undefined, 403],
  ['GET', 'AccessPolicy', undefined, 403],
  ['GET', '$dicom-status', undefined, 403],
])('the bridge sends %s %s %j and is answered %i', async (method, place, body, status) => {
  expect(await asBridge(method, place, body)).toBe(status);
});

test('the bridge sees orders for images alone', async () => {
  const laboratory = { coding: [{ system: 'http://snomed.info/sct', code: '108252007' }] };
  for (const [id, category] of [['of-images', IMAGING] as const, ['of-laboratory', laboratory] as const])
    await server
      .api()
      .put(`/ServiceRequest/${id}`)
      .send({ ...order(category), id })
      .expect(201);
  expect(await asBridge('GET', 'ServiceRequest/of-images')).toBe(200);
  expect(await asBridge('GET', 'ServiceRequest/of-laboratory')).toBe(404);
});

test('administrators are told its state, by the operation, the command and the metrics', async () => {
  const { body } = await server.api().get('/$dicom-status').expect(200);
  expect(body).toEqual(TOLD);
  const metrics = await fetch(`${server.url}/metrics`, {
    headers: { authorization: server.authorization },
  });
  const text = await metrics.text();
  expect(text).toContain('\nmaxray_dicom_bridge_up 1\n');
  expect(text).toContain('\nmaxray_dicom_objects{state="recorded"} 3\n');
  expect(text.match(/^process_cpu_seconds_total /gm)).toHaveLength(1);
  expect([...bridge.authorizations]).toEqual([`Bearer ${fs.readFileSync(secretFile, 'utf8').trim()}`]);
});

const command = async (...args: string[]) => {
  const said = { stdout: '', stderr: '' };
  const into = (name: keyof typeof said) => ({ write: (text: string) => (said[name] += text) });
  return { code: await runDicom(args, { stdout: into('stdout'), stderr: into('stderr') }), ...said };
};

test('the command prints it for people, as another client where it is told to', async () => {
  const administrator = path.join(folder, 'administrator.json');
  fs.writeFileSync(
    administrator,
    JSON.stringify({ client_id: ADMINISTRATOR.id, client_secret: ADMINISTRATOR.secret }),
  );
  const at = ['--url', `${server.url}/fhir/R4`, '--client', administrator];
  expect(await command('status', ...at)).toEqual({
    code: 0,
    stdout:
      'objects:\n  recorded: 3\npeers:\n  - XRAY1\nfaults: none\nerasedStudies:\n  waiting: 0\n  failing: 0\n',
    stderr: '',
  });
  expect(JSON.parse((await command('status', '--json', ...at)).stdout)).toEqual(TOLD);
  expect((await command('restart', ...at)).code).toBe(2);
});

test('a server without its bridge is ready, and says that the bridge is away', async () => {
  await bridge.stop();
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const { status, headers } = await server.api().get('/$dicom-status');
  expect([status, headers['retry-after']]).toEqual([503, expect.any(String)]);
  const metrics = await fetch(`${server.url}/metrics`, {
    headers: { authorization: server.authorization },
  });
  expect(await metrics.text()).toContain('\nmaxray_dicom_bridge_up 0\n');
});
