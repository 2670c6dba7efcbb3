import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  AuditEvent,
  Bundle,
  DiagnosticReport,
  ImagingStudy,
  OperationOutcome,
  Parameters,
} from '@medplum/fhirtypes';
import { PDF_BYTES_MAX } from '../../../../dicom-bridge/src/documents/pdf.ts';
import { newUid, urnOfUid } from '../../../../dicom-bridge/src/identifiers/uid.ts';
import { until, type TestBridge } from '../../../../dicom-bridge/test/support/bridge.ts';
import { People } from '../../support/people.ts';
import { startBridgedServer, type BridgedServer } from '../../support/bridgedServer.ts';
import type { TestServer } from '../../support/server.ts';

const PDF = Buffer.from('%PDF-1.4\n%%EOF\n');

let bridged: BridgedServer;
let server: TestServer;
let bridge: TestBridge;
let people: People;
/** Of ann. */
let doctor: string;
let foreignDoctor: string;
let ann: string;
/** Of reports, but for their codes. */
let limited: string;
beforeAll(async () => {
  bridged = await startBridgedServer();
  server = bridged.server;
  people = new People(server);
  await people.prepare('maxray-doctor', 'maxray-patient');
  for (const id of ['own', 'foreign']) await people.put({ resourceType: 'Practitioner', id });
  await people.put({
    resourceType: 'Patient',
    id: 'ann',
    name: [{ family: 'Test', given: ['Ann'] }],
    generalPractitioner: [{ reference: 'Practitioner/own' }],
  });
  await people.put({ resourceType: 'Patient', id: 'ben', name: [{ family: 'Test' }] });
  for (const id of ['one', 'two']) await people.put(study(id));
  await people.put(study('of-ben', { subject: { reference: 'Patient/ben' } }));
  await people.put(study('cancelled', { status: 'cancelled' }));
  await people.put(study('unnumbered', { identifier: [{ value: '4711' }] }));
  await people.put({ resourceType: 'Binary', id: 'pdf', contentType: 'application/pdf', data: base64(PDF) });
  await people.policy('limited', [
    { resourceType: 'DiagnosticReport', hiddenFields: ['code'] },
    { resourceType: 'ImagingStudy' },
  ]);
  const signedIn = async (id: string, profile: string, policy: string) =>
    people.authorization(await people.person(id, { profile, policies: [policy] }));
  doctor = await signedIn('own', 'Practitioner/own', 'maxray-doctor');
  foreignDoctor = await signedIn('foreign', 'Practitioner/foreign', 'maxray-doctor');
  ann = await signedIn('ann', 'Patient/ann', 'maxray-patient');
  limited = await signedIn('limited', 'Practitioner/foreign', 'limited');
  bridge = await bridged.openBridge();
});
afterAll(() => bridged.stop());

const base64 = (bytes: Buffer): string => bytes.toString('base64');
const study = (id: string, changes: Partial<ImagingStudy> = {}): ImagingStudy => ({
  resourceType: 'ImagingStudy',
  id,
  identifier: [{ system: 'urn:dicom:uid', value: urnOfUid(newUid()) }],
  status: 'available',
  subject: { reference: 'Patient/ann' },
  ...changes,
});
const report = (changes: Partial<DiagnosticReport> = {}): DiagnosticReport => ({
  resourceType: 'DiagnosticReport',
  id: 'report',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '36643-5', display: 'XR Chest 2 Views' }] },
  subject: { reference: 'Patient/ann' },
  issued: '2026-11-02T10:00:00Z',
  imagingStudy: [{ reference: 'ImagingStudy/one' }],
  presentedForm: [
    { contentType: 'text/html', data: base64(Buffer.from('<p>')) },
    { contentType: 'application/pdf', data: base64(PDF) },
  ],
  ...changes,
});

interface Answered {
  status: number;
  body: Parameters & OperationOutcome;
}

async function writeBack(
  { authorization = server.authorization, study: chosen }: { authorization?: string; study?: string } = {},
  id = 'report',
): Promise<Answered> {
  const parameter = chosen === undefined ? [] : [{ name: 'study', valueReference: { reference: chosen } }];
  const response = await fetch(`${server.url}/fhir/R4/DiagnosticReport/${id}/$write-back`, {
    method: 'POST',
    headers: { Authorization: authorization, 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

const uidIn = ({ parameter = [] }: Parameters, name: string): string =>
  parameter.find((one) => one.name === name)!.valueOid!.replace('urn:oid:', '');
const studyWith = (id: string, instances: number) =>
  until(
    async () => (await server.api().get(`/ImagingStudy/${id}`)).body as ImagingStudy,
    ({ numberOfInstances }) => numberOfInstances === instances,
  );
const objects = async (): Promise<number> =>
  Object.values((await bridge.status()).objects).reduce((sum, count) => sum + count, 0);

describe('the report of a doctor', () => {
  test('becomes an object of its study, once, and with its next version another one', async () => {
    await people.put(report());
    const first = await writeBack({ authorization: doctor });
    expect([first.status, first.body]).toMatchObject([
      200,
      { parameter: [{ name: 'study', valueReference: { reference: 'ImagingStudy/one' } }, {}, {}] },
    ]);
    const again = await writeBack({ authorization: doctor });
    expect(again).toEqual(first);
    await people.put(report({ status: 'amended', conclusion: 'No fracture.' }));
    const amended = await writeBack({ authorization: doctor });
    const [series, instance] = ['seriesInstanceUid', 'sopInstanceUid'].map((name) => [
      uidIn(first.body, name),
      uidIn(amended.body, name),
    ]) as [[string, string], [string, string]];
    expect(series[0]).toBe(series[1]);
    expect(instance[0]).not.toBe(instance[1]);
    const { series: recorded } = await studyWith('one', 2);
    expect(recorded).toMatchObject([{ uid: series[0], modality: { code: 'DOC' } }]);
    expect(recorded![0]!.instance!.map(({ uid }) => uid).sort()).toEqual(instance.toSorted());
    const { identifier } = await studyWith('one', 2);
    const at = `${identifier![0]!.value!.replace('urn:oid:', '')}/series/${series[0]}/instances/${instance[1]}`;
    const fetched = await fetch(`${server.url}/dicomweb/studies/${at}`, {
      headers: { Authorization: doctor, Accept: 'multipart/related; type="application/dicom"' },
    });
    expect(fetched.status).toBe(200);
    expect(Buffer.from(await fetched.arrayBuffer()).includes(PDF)).toBe(true);
  });

  test('is told of in the audit log', async () => {
    const { body } = await server.api().get('/AuditEvent?patient=ann&subtype=operation&_count=100');
    const [latest] = (body as Bundle<AuditEvent>).entry!;
    const entities = latest!.resource!.entity!;
    expect(entities.flatMap(({ what, description }) => what?.reference ?? description ?? [])).toEqual([
      'DiagnosticReport/report/_history/2',
      expect.stringMatching(/^ImagingStudy\/one\/_history\/\d+$/),
      'DiagnosticReport/report/$write-back',
      'Patient/ann',
    ]);
  });

  test('that is about several studies goes into the one that is chosen', async () => {
    const imagingStudy = ['one', 'two'].map((id) => ({ reference: `ImagingStudy/${id}` }));
    const presentedForm = [{ contentType: 'application/pdf', url: 'Binary/pdf' }];
    await people.put(report({ id: 'several', imagingStudy, presentedForm }));
    expect(await writeBack({}, 'several')).toMatchObject({
      status: 422,
      body: { issue: [{ expression: ['DiagnosticReport.imagingStudy'] }] },
    });
    const chosen = await writeBack({ study: 'ImagingStudy/two' }, 'several');
    expect(chosen).toMatchObject({ status: 200 });
    await studyWith('two', 1);
    const elsewhere = await writeBack({ study: 'ImagingStudy/of-ben' }, 'several');
    expect(elsewhere).toMatchObject({
      status: 422,
      body: { issue: [{ expression: ["Parameters.parameter.where(name = 'study')"] }] },
    });
  });
});

const pdf = (attachment: object) => ({
  presentedForm: [{ contentType: 'application/pdf', ...attachment }],
});
const about = (id: string) => ({ imagingStudy: [{ reference: `ImagingStudy/${id}` }] });
test.each<[string, number, string, Partial<DiagnosticReport>]>([
  ['preliminary', 422, 'DiagnosticReport.status', { status: 'preliminary' }],
  ['entered in error', 422, 'DiagnosticReport.status', { status: 'entered-in-error' }],
  ['about no study', 422, 'DiagnosticReport.imagingStudy', { imagingStudy: [] }],
  ['about a study that was cancelled', 422, 'DiagnosticReport.imagingStudy', about('cancelled')],
  ['about a study without a UID', 422, 'DiagnosticReport.imagingStudy', about('unnumbered')],
  ['about the study of another patient', 409, 'DiagnosticReport.subject', about('of-ben')],
  ['without a form', 422, 'DiagnosticReport.presentedForm', { presentedForm: [] }],
  [
    'without a PDF',
    422,
    'DiagnosticReport.presentedForm',
    { presentedForm: [{ contentType: 'text/plain', data: base64(PDF) }] },
  ],
  [
    'with a PDF that is none',
    422,
    'DiagnosticReport.presentedForm[0]',
    pdf({ data: base64(Buffer.from('<html>')) }),
  ],
  ['with nothing in its PDF', 422, 'DiagnosticReport.presentedForm[0].url', pdf({ title: 'Report' })],
  [
    'whose PDF is elsewhere',
    422,
    'DiagnosticReport.presentedForm[0].url',
    pdf({ url: 'http://127.0.0.1/report.pdf' }),
  ],
  [
    'whose Binary is not there',
    422,
    'DiagnosticReport.presentedForm[0].url',
    pdf({ url: 'Binary/none/_history/1' }),
  ],
])('a report, %s, is refused, and nothing is stored', async (_what, status, expression, changes) => {
  const given = Object.entries(report({ id: 'refused', ...changes }));
  const filled = given.filter(([, value]) => !Array.isArray(value) || value.length > 0);
  await people.put(Object.fromEntries(filled));
  const before = await objects();
  const answer = await writeBack({}, 'refused');
  expect(answer).toMatchObject({ status, body: { issue: [{ expression: [expression] }] } });
  expect(await objects()).toBe(before);
});

test('a PDF that is too large is refused', async () => {
  const sent = await server
    .api()
    .put('/Binary/large')
    .set('Content-Type', 'application/pdf')
    .send(Buffer.alloc(PDF_BYTES_MAX + 1, PDF));
  expect(sent.status).toBe(201);
  await people.put(report({ id: 'large', ...pdf({ url: `${server.url}/fhir/R4/Binary/large` }) }));
  expect(await writeBack({}, 'large')).toMatchObject({
    status: 422,
    body: { issue: [{ code: 'too-long', expression: ['DiagnosticReport.presentedForm[0]'] }] },
  });
});

test('patients, foreign doctors and who sees parts of the report write nothing back', async () => {
  await people.put(report({ id: 'other' }));
  const before = await objects();
  const ofOthers = await Promise.all(
    [ann, foreignDoctor, limited].map((authorization) => writeBack({ authorization }, 'other')),
  );
  expect(ofOthers.map(({ status }) => status)).toEqual([403, 404, 403]);
  await people.put(report({ id: 'in-binary', ...pdf({ url: 'Binary/pdf' }) }));
  expect(await writeBack({ authorization: doctor }, 'in-binary')).toMatchObject({
    status: 422, // a doctor reads no Binary
    body: { issue: [{ expression: ['DiagnosticReport.presentedForm[0].url'] }] },
  });
  expect(await objects()).toBe(before);
});

test('other parameters and reports that are not there are refused', async () => {
  expect((await writeBack({}, 'nobody')).status).toBe(404);
  expect((await writeBack({ study: 'Patient/ann' })).status).toBe(400);
});

test('while the bridge is away it is to be tried again', async () => {
  await bridged.closeBridge();
  await people.put(report({ id: 'later' }));
  expect(await writeBack({ authorization: doctor }, 'later')).toMatchObject({
    status: 503,
    body: { issue: [{ code: 'transient' }] },
  });
});
