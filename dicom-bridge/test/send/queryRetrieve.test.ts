import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { ImagingStudy, Patient } from '@medplum/fhirtypes';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ADMINISTRATOR } from '../../../server/test/support/administrator.ts';
import { startTestServer, type TestServer } from '../../../server/test/support/server.ts';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import { MODALITY, openTestBridge, until, type TestBridge } from '../support/bridge.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { xray, type TestObject } from '../support/dicomObject.ts';
import { findscu } from '../support/find.ts';
import { freePort } from '../support/freePort.ts';

const LOOPBACK = '127.0.0.1';
const MR = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };
/** A modality that only sends; an archive that receives, and is away. */
const [SENDER, AWAY] = ['SENDER', 'AWAY'];
const [PATIENT_ROOT, STUDY_ROOT] = [['-P'], ['-S']];

let server: TestServer;
let medplum: MedplumClient;
let bridge: TestBridge;
let folder: string;
let received: string;
let ownPort: number;
let count = 0;

const ann = {
  patientId: 'A1',
  patientName: 'MULLER^ANN',
  studyInstanceUid: newUid(),
  accessionNumber: 'ACC1',
};
const bob = { patientId: 'B1', patientName: 'JONES^BOB', studyInstanceUid: newUid() };
const nobody = { patientId: 'N1', patientName: 'NOBODY', studyInstanceUid: newUid() };
const [first, second] = [newUid(), newUid()];
type Made = ReturnType<typeof xray>;
/** Of one study, in two transfer syntaxes. */
const mixed = { ...bob, studyInstanceUid: newUid() };
let ofAnn: Made[];
let plain: Made | undefined;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-objects-'));
  const clientFile = path.join(folder, 'client.json');
  server = await startTestServer({
    dicom: 'external', // the bridge has its own client with its own policy
    dicomBridgeUrl: `http://${LOOPBACK}:9`,
    dicomBridgeClientFile: clientFile,
    dicomBridgeSecretFile: path.join(folder, 'secret'),
  });
  medplum = new MedplumClient({
    baseUrl: `${server.url}/`,
    fhirUrlPath: 'fhir/R4',
    maxRetries: 0,
    cacheTime: 0,
  });
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  ownPort = await freePort();
  bridge = await openTestBridge({
    maxrayUrl: server.url,
    clientFile,
    allow: [
      { aeTitle: MODALITY, address: LOOPBACK, port: ownPort, services: ['query-retrieve'] },
      { aeTitle: SENDER, address: LOOPBACK },
      { aeTitle: AWAY, address: LOOPBACK, port: await freePort() },
    ],
  });
  await patient('A1', {
    name: [{ family: 'Müller', given: ['Ann'] }],
    birthDate: '1980-02-03',
    gender: 'female',
  });
  await patient('B1', { name: [{ family: 'Jones', given: ['Bob'] }] });
  ofAnn = await send([
    { ...ann, seriesInstanceUid: first },
    { ...ann, seriesInstanceUid: first },
    { ...ann, seriesInstanceUid: second, rows: 600, columns: 600 },
  ]);
  [, , plain] = await send([bob, nobody, mixed]);
  await send([mixed], 'dcmcjpeg');
  const study = await recorded(ann.studyInstanceUid, 3);
  await recorded(bob.studyInstanceUid, 1);
  await recorded(nobody.studyInstanceUid, 1);
  await recorded(mixed.studyInstanceUid, 2);
  await medplum.updateResource({ ...study, started: '2026-11-20T08:30:00+01:00', description: 'Chest' });
});
afterAll(async () => {
  await bridge.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  received = path.join(folder, `received${(count += 1)}`);
  mkdirSync(received);
});

const patient = (number: string, more: Partial<Patient>) =>
  medplum.createResource<Patient>({
    resourceType: 'Patient',
    identifier: [{ system: 'https://clinic.example/mrn', value: number, type: MR }],
    ...more,
  });

async function send(images: Partial<TestObject>[], change?: string): Promise<Made[]> {
  const made = images.map((of) => xray(of));
  const files = made.map(({ file }) => {
    const name = path.join(folder, `${(count += 1)}.dcm`);
    writeFileSync(name, file);
    return name;
  });
  if (change !== undefined) for (const file of files) await dcmtk(change, [file, file]);
  const association = ['-aet', SENDER, '-aec', 'MAXRAY', LOOPBACK, String(bridge.dicomPort)];
  const offer = change === undefined ? [] : ['-xs'];
  const { output } = await dcmtk('storescu', ['-v', ...offer, ...association, ...files]);
  expect(output.match(/Store Response \(Success\)/g)).toHaveLength(images.length);
  return made;
}
/** The study, once it has so many objects and is quiet. */
const recorded = async (uid: string, instances: number): Promise<ImagingStudy> =>
  (await until(
    () => medplum.searchOne('ImagingStudy', `identifier=urn:dicom:uid|${urnOfUid(uid)}`, { cache: 'reload' }),
    (study) =>
      study?.numberOfInstances === instances && !JSON.stringify(study.extension ?? []).includes('arriving'),
  ))!;

const find = (model: string[], level: string, ...keys: string[]) =>
  findscu(bridge.dicomPort, [`QueryRetrieveLevel=${level}`, ...keys], model);
const UID_TAG = '0020,000D'.toLowerCase();
const uidsOf = (items: Record<string, string>[]) => items.map((item) => item[UID_TAG]).sort();

testWithDcmtk('studies are found by what the record says, and those of nobody are not', async () => {
  const all = await find(STUDY_ROOT, 'STUDY', 'StudyInstanceUID');
  expect(all.status).toMatch('Success');
  expect(uidsOf(all.items)).toEqual([ann, bob, mixed].map(({ studyInstanceUid }) => studyInstanceUid).sort());
  const asked = [
    'StudyInstanceUID',
    'PatientName=mul*',
    'PatientID',
    'PatientBirthDate',
    'StudyDate',
    'StudyTime',
  ];
  const more = ['AccessionNumber', 'StudyDescription', 'NumberOfStudyRelatedInstances', 'ModalitiesInStudy'];
  const { items } = await find(STUDY_ROOT, 'STUDY', ...asked, ...more);
  expect(items).toEqual([
    expect.objectContaining({
      [UID_TAG]: ann.studyInstanceUid,
      '0008,0005': 'ISO_IR 192',
      '0008,0052': 'STUDY',
      '0008,0054': 'MAXRAY',
      '0008,0020': '20261120',
      '0008,0030': '083000',
      '0008,0050': 'ACC1',
      '0008,0061': 'DX',
      '0008,1030': 'Chest',
      '0010,0010': 'Müller^Ann',
      '0010,0020': 'A1',
      '0010,0030': '19800203',
      '0020,1208': '3',
    }),
  ]);
});

testWithDcmtk('each key finds what it says, and no more', async () => {
  const found = async (...keys: string[]) =>
    uidsOf((await find(STUDY_ROOT, 'STUDY', 'StudyInstanceUID', ...keys)).items);
  const [ofAnnAlone, ofNone] = [[ann.studyInstanceUid], []];
  expect(await found('PatientID=A1')).toEqual(ofAnnAlone);
  expect(await found('PatientID=N1')).toEqual(ofNone);
  expect(await found('PatientName=*ANN')).toEqual(ofAnnAlone);
  expect(await found('PatientBirthDate=19800101-19801231')).toEqual(ofAnnAlone);
  expect(await found('AccessionNumber=ACC?')).toEqual(ofAnnAlone);
  expect(await found('StudyDate=20261120')).toEqual(ofAnnAlone);
  expect(await found('ModalitiesInStudy=CT')).toEqual(ofNone);
  expect(await found(`StudyInstanceUID=${ann.studyInstanceUid}\\${nobody.studyInstanceUid}`)).toEqual(
    ofAnnAlone,
  );
});

testWithDcmtk('patients, series and images are found at their levels', async () => {
  const patients = await find(PATIENT_ROOT, 'PATIENT', 'PatientID', 'PatientName');
  expect(patients.items.map((item) => item['0010,0020']).sort()).toEqual(['A1', 'B1']);
  const study = `StudyInstanceUID=${ann.studyInstanceUid}`;
  const series = await find(
    STUDY_ROOT,
    'SERIES',
    study,
    'SeriesInstanceUID',
    'NumberOfSeriesRelatedInstances',
  );
  const counts = series.items.map((item) => [item['0020,000e'], item['0020,1209']]);
  expect(new Map(counts as [string, string][])).toEqual(
    new Map([
      [first, '2'],
      [second, '1'],
    ]),
  );
  const images = await find(
    STUDY_ROOT,
    'IMAGE',
    study,
    `SeriesInstanceUID=${second}`,
    'SOPInstanceUID',
    'SOPClassUID',
  );
  expect(images.items.map((item) => item['0008,0018'])).toEqual([ofAnn[2]!.object.sopInstanceUid]);
});

testWithDcmtk('a query that cannot be understood, or that somebody may not ask, is refused', async () => {
  expect((await find(STUDY_ROOT, 'PATIENT', 'PatientID')).status).toMatch(/0xa900|SOPClass/i);
  expect((await find(STUDY_ROOT, 'SERIES', 'SeriesInstanceUID')).status).toMatch(/0xa900|SOPClass/i);
  const args = ['-v', '-S', '-aet', SENDER, '-aec', 'MAXRAY', LOOPBACK, String(bridge.dicomPort)];
  const refused = await dcmtk('findscu', [...args, '-k', 'QueryRetrieveLevel=STUDY', '-k', 'PatientID']);
  expect(refused.output).toMatch(/No Acceptable Presentation Contexts/i);
});

const to = (calling = MODALITY) => ['-aet', calling, '-aec', 'MAXRAY', LOOPBACK, String(bridge.dicomPort)];
const keysOf = (level: string, ...keys: string[]) =>
  [`QueryRetrieveLevel=${level}`, ...keys].flatMap((key) => ['-k', key]);
/** Sends to a destination; what comes to us is written as it came. */
const move = (destination: string, keys: string[], ...options: string[]) =>
  dcmtk('movescu', [
    '-d',
    '-S',
    '-od',
    received,
    '+P',
    String(ownPort),
    '-aem',
    destination,
    ...options,
    ...keys,
    ...to(),
  ]);
const get = (keys: string[], ...options: string[]) =>
  dcmtk('getscu', ['-d', '-S', '+B', '-od', received, ...options, ...keys, ...to()]);
/** Whether the files that came end with these data sets. */
function expectReceived(objects: readonly Made[]): void {
  const files = readdirSync(received).map((name) => readFileSync(path.join(received, name)));
  expect(files).toHaveLength(objects.length);
  for (const { dataSet } of objects) {
    expect(files.some((file) => file.subarray(-dataSet.length).equals(dataSet))).toBe(true);
  }
}

testWithDcmtk('a study is sent where somebody wants it, with its bytes as they came', async () => {
  const { output } = await move(MODALITY, keysOf('STUDY', `StudyInstanceUID=${ann.studyInstanceUid}`));
  expect(output).toMatch(/Status\s*: 0x0000: Success: Sub-operations complete/);
  expect(output).toMatch(/Completed Suboperations\s*: 3/);
  expectReceived(ofAnn);
});

testWithDcmtk('a series, or an image, is sent on the association on which it was asked for', async () => {
  const study = `StudyInstanceUID=${ann.studyInstanceUid}`;
  await get(keysOf('SERIES', study, `SeriesInstanceUID=${first}`));
  expectReceived(ofAnn.slice(0, 2));
  rmSync(received, { recursive: true });
  mkdirSync(received);
  const { object } = ofAnn[2]!;
  const image = [`SeriesInstanceUID=${second}`, `SOPInstanceUID=${object.sopInstanceUid}`];
  const { output } = await get(keysOf('IMAGE', study, ...image));
  expectReceived(ofAnn.slice(2));
  expect(output).toMatch(/Completed Suboperations\s*: 1|Number of Completed Suboperations\s*: 1/i);
});

testWithDcmtk('what the record does not show, nobody gets', async () => {
  const keys = keysOf('STUDY', `StudyInstanceUID=${nobody.studyInstanceUid}`);
  expect((await get(keys)).output).toMatch(/Success/);
  expect((await move(MODALITY, keys)).output).toMatch(/Success/);
  expectReceived([]);
});

testWithDcmtk(
  'an unknown destination, one that is away, and a retrieval of everything are refused',
  async () => {
    const study = keysOf('STUDY', `StudyInstanceUID=${ann.studyInstanceUid}`);
    expect((await move('STRANGER', study)).output).toMatch(/a801|MoveDestinationUnknown/i);
    expect((await move(SENDER, study)).output).toMatch(/a801|MoveDestinationUnknown/i); // its port is not known
    expect((await move(AWAY, study)).output).toMatch(/a702|OutOfResources/i);
    expect((await move(MODALITY, keysOf('STUDY', 'StudyInstanceUID'))).output).toMatch(/a900|SOPClass/i);
    expectReceived([]);
  },
);

testWithDcmtk('a retrieval that is cancelled ends', async () => {
  const { output } = await move(
    MODALITY,
    keysOf('STUDY', `StudyInstanceUID=${ann.studyInstanceUid}`),
    '--cancel',
    '1',
  );
  expect(output).toMatch(/Status\s*: 0xfe00/i);
  expect((await dcmtk('echoscu', to())).code).toBe(0);
});

testWithDcmtk('an object in a syntax that is not taken fails alone', async () => {
  const { output } = await get(keysOf('STUDY', `StudyInstanceUID=${mixed.studyInstanceUid}`));
  expect(output).toMatch(/b000|Warning/i);
  expectReceived([plain!]);
});

testWithDcmtk('studies of a record that was merged into another are those of its patient', async () => {
  const [of, merged] = await Promise.all(['A1', 'B1'].map((number) => patientWith(number)));
  const link: Patient['link'] = [{ type: 'replaced-by', other: { reference: `Patient/${of!.id}` } }];
  await medplum.updateResource<Patient>({ ...merged!, link });
  const all = [ann, bob, mixed].map(({ studyInstanceUid }) => studyInstanceUid).sort();
  for (const key of ['PatientID=A1', 'PatientName=MUL*']) {
    const { items } = await find(STUDY_ROOT, 'STUDY', 'StudyInstanceUID', 'PatientName', 'PatientID', key);
    const whose = items.map((item) => [item['0010,0010'], item['0010,0020']]);
    expect([key, uidsOf(items), new Set(whose.flat())]).toEqual([key, all, new Set(['Müller^Ann', 'A1'])]);
  }
  expect((await find(STUDY_ROOT, 'STUDY', 'StudyInstanceUID', 'PatientID=B1')).items).toEqual([]);
  const patients = await find(PATIENT_ROOT, 'PATIENT', 'PatientID', 'PatientName');
  expect(patients.items.map((item) => item['0010,0020'])).toEqual(['A1']);
  // one of them is in a syntax that movescu does not take
  const { output } = await move(MODALITY, keysOf('PATIENT', 'PatientID=A1'), '-P');
  expect(output).toMatch(/Completed Suboperations\s*: 5/);
});

const patientWith = async (number: string): Promise<Patient> =>
  (await medplum.searchOne('Patient', { identifier: number }, { cache: 'reload' }))!;
