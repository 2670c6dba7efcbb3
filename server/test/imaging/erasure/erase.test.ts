import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newUid } from '../../../../dicom-bridge/src/identifiers/uid.ts';
import { openTestBridge, until, type TestBridge } from '../../../../dicom-bridge/test/support/bridge.ts';
import { xray } from '../../../../dicom-bridge/test/support/dicomObject.ts';
import { TestAuditLog } from '../../rest/audit/auditLog.ts';
import { freePort } from '../../support/program.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { faultOf, studyUid } from '../../rest/orders/world.ts';

const PLANTED = 'Plantedname';
const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-erased-images-'));
const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;

let server: TestServer;
let bridge: TestBridge;
let log: TestAuditLog;
beforeAll(async () => {
  const apiPort = await freePort();
  const files = { secretFile: path.join(folder, 'secret'), clientFile: path.join(folder, 'client.json') };
  server = await startTestServer({
    databaseSchema,
    dicom: 'external',
    dicomBridgeUrl: `http://127.0.0.1:${apiPort}`,
    dicomBridgeSecretFile: files.secretFile,
    dicomBridgeClientFile: files.clientFile,
  });
  log = await TestAuditLog.open(databaseSchema);
  bridge = await openTestBridge({ ...files, apiPort, maxrayUrl: server.url });
});
afterAll(async () => {
  await log.close();
  await bridge.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const patient = (id: string, number: string) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ type: { coding: [{ code: 'MR' }] }, value: number }],
  name: [{ family: PLANTED, given: ['Ann'] }],
});
const send = async (file: Buffer): Promise<number> => {
  const init = { method: 'POST', headers: { 'X-Source': 'TEST' }, body: new Uint8Array(file) };
  return ((await (await bridge.ask('/objects', init)).json()) as { status: number }).status;
};
interface Study {
  id: string;
  subject: { reference?: string };
}
const studyOf = async (uid: string): Promise<Study | undefined> => {
  const { body } = await server.api().get(`/ImagingStudy?identifier=urn:dicom:uid|urn:oid:${uid}`);
  return (body as { entry?: { resource: Study }[] }).entry?.[0]?.resource;
};
const erase = (id: string) => server.api().post(`/Patient/${id}/$erase`).query({ reason: 'asked by letter' });
const erasedStudies = async () => {
  const { text } = await server.api().get('/$dicom-status');
  return (JSON.parse(text) as { erasedStudies: { waiting: number; failing: number } }).erasedStudies;
};
const filesWith = (text: string): string[] =>
  readdirSync(bridge.config.folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.join(one.parentPath, one.name))
    .filter((file) => readFileSync(file).includes(text));
/** What the certificate of an erasure says. */
const studiesIn = (certificate: unknown): unknown => {
  const { content } = certificate as { content: [{ attachment: { data: string } }] };
  const text = Buffer.from(content[0].attachment.data, 'base64').toString();
  const { parameter } = JSON.parse(text) as { parameter: { name: string; valueInteger?: number }[] };
  return parameter.find(({ name }) => name === 'studies')?.valueInteger;
};

test('the images of an erased patient go as well, and what comes of them later waits for somebody', async () => {
  await new People(server).put(patient('ann', 'P1'));
  const of = { patientId: 'P1', patientName: `${PLANTED}^Ann`, studyInstanceUid: newUid() };
  const [first, late] = [xray(of), xray({ ...of, fill: 3 })];
  await send(first.file);
  const study = await until(() => studyOf(of.studyInstanceUid));
  expect(study.subject).toEqual({ reference: 'Patient/ann' });
  await bridge.statusWhen(({ objects }) => objects['recorded'] === 1);

  // The bridge is away when the patient is erased, and comes back.
  const port = bridge.config.apiPort;
  await bridge.restart({ apiPort: await freePort() });
  const dry = await server.api().post('/Patient/ann/$erase').query({ dryRun: 'true' }).expect(200);
  expect(JSON.stringify(dry.body)).toContain('{"name":"studies","valueInteger":1}');
  expect(studiesIn((await erase('ann').expect(200)).body)).toBe(1);
  const again = { resourceType: 'ImagingStudy', status: 'available', subject: { reference: 'Patient/ann' } };
  const refused = await server
    .api()
    .post('/ImagingStudy')
    .send({ ...again, identifier: [studyUid(of.studyInstanceUid)] })
    .expect(409);
  expect(faultOf(refused.body)).toEqual(['conflict', 'ImagingStudy.identifier[0].value']);
  expect(filesWith(`${PLANTED}^Ann`)).not.toEqual([]);
  await bridge.restart({ apiPort: port });
  await until(erasedStudies, ({ waiting }) => waiting === 0);
  expect(filesWith(`${PLANTED}^Ann`)).toEqual([]);
  const [record] = await until(
    async () => (await log.all()).filter(({ event }) => event === 'images-erased'),
    ({ length }) => length > 0,
  );
  expect(record).toMatchObject({ resources: [expect.stringMatching(/^DocumentReference\//)], agent: {} });

  // The patient has registered anew: nobody but a person says that these are hers.
  await new People(server).put(patient('ann-again', 'P1'));
  expect(await send(late.file)).toBe(0);
  const found = await until(() => studyOf(of.studyInstanceUid));
  expect([found.id === study.id, found.subject.reference]).toEqual([false, undefined]);
  await until(
    async () => (await server.api().get(`/Task?focus=ImagingStudy/${found.id}`)).text,
    (tasks) => tasks.includes('erased before'),
  );
});

test('images that another patient has now stay', async () => {
  await new People(server).put(patient('ben', 'P2'));
  await new People(server).put(patient('cleo', 'P3'));
  const of = { patientId: 'P2', patientName: `${PLANTED}^Ben`, studyInstanceUid: newUid() };
  const { object, file } = xray(of);
  await send(file);
  const study = await until(() => studyOf(of.studyInstanceUid));
  await server
    .api()
    .put(`/ImagingStudy/${study.id}`)
    .send({ ...study, subject: { reference: 'Patient/cleo' } })
    .expect(200);
  expect(studiesIn((await erase('ben').expect(200)).body)).toBe(0);
  expect((await bridge.ask(`/objects/${object.sopInstanceUid}`)).status).toBe(200);
});
