import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Endpoint, ImagingStudy, Patient, ServiceRequest } from '@medplum/fhirtypes';
import { ADMINISTRATOR } from '../../../server/test/support/administrator.ts';
import { startTestServer, type TestServer } from '../../../server/test/support/server.ts';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import type { LedgerRow } from '../../src/ledger/ledger.ts';
import type { ObjectAttributes } from '../../src/objects/attributes.ts';
import { recordStudy, type StudyParts } from '../../src/record/studies.ts';

const CLINIC = 'https://clinic.example/mrn';
const OTHER_CLINIC = 'https://other.example/mrn';
const MR = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };

let server: TestServer;
let medplum: MedplumClient;
let parts: StudyParts;
beforeAll(async () => {
  server = await startTestServer();
  medplum = new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', maxRetries: 0 });
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  parts = {
    medplum,
    issuerOf: (aeTitle) => (aeTitle === 'CLINIC' ? CLINIC : undefined),
    deviceOf: () => undefined,
  };
});
afterAll(() => server.stop());

const patient = (number: string, system = CLINIC, more: Partial<Patient> = {}) =>
  medplum.createResource<Patient>({
    resourceType: 'Patient',
    identifier: [{ system, value: number, type: MR }],
    name: [{ family: 'Müller-Lüdenscheidt', given: ['Ann'] }],
    birthDate: '1980-02-03',
    gender: 'female',
    ...more,
  });
const order = (of: Patient, accession: string, more: Partial<ServiceRequest> = {}) =>
  medplum.createResource<ServiceRequest>({
    resourceType: 'ServiceRequest',
    identifier: [{ system: 'https://clinic.example/accession', value: accession }],
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${of.id}` },
    ...more,
  });

/** What images of a patient say who is called as on a console. */
const NAMED: ObjectAttributes = {
  modality: 'DX',
  patientName: { family: 'MULLER LUDENSCHEIDT', given: ['ANN'] },
  patientBirthDate: '1980-02-03',
  patientSex: 'F',
};
const study = newUid;
const object = (
  studyInstanceUid: string,
  attributes: ObjectAttributes,
  sourceAeTitle = 'CLINIC',
): LedgerRow => ({
  sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
  sopInstanceUid: newUid(),
  studyInstanceUid,
  seriesInstanceUid: `${studyInstanceUid}.1`.slice(0, 64),
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  sha256: 'a'.repeat(64),
  bytes: 1,
  sourceAeTitle,
  attributes: { ...NAMED, ...attributes },
  file: 'a.dcm',
  state: 'archived',
  receivedMs: 1,
  attempts: 0,
  nextMs: 0,
  fault: null,
});
const ARRIVING = { completeness: 'arriving', wasErased: false, hasNew: true } as const;
const record = async (studyInstanceUid: string, ...objects: LedgerRow[]) =>
  (await recordStudy(parts, { ...ARRIVING, studyInstanceUid, objects }))!;
const tasksOf = async ({ id }: ImagingStudy) => [
  ...(await medplum.searchResources('Task', `focus=ImagingStudy/${id}`, { cache: 'reload' })),
];
const studiesOf = (uid: string) =>
  medplum.searchResources('ImagingStudy', `identifier=urn:dicom:uid|${urnOfUid(uid)}`, { cache: 'reload' });

test('images of an order are linked to it, by accession number or by its own study', async () => {
  const ann = await patient('100');
  const visit = await medplum.createResource({
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${ann.id}` },
  });
  const code = { coding: [{ system: 'http://snomed.info/sct', code: '399208008' }] };
  const ordered = await order(ann, 'ACC1', {
    code,
    encounter: { reference: `Encounter/${visit.id}` },
    requester: { reference: 'Practitioner/who-asked' },
  });
  const uid = study();
  const recorded = await record(uid, object(uid, { patientId: '100', accessionNumber: 'ACC1' }));
  expect(recorded).toMatchObject({
    subject: { reference: `Patient/${ann.id}` },
    basedOn: [{ reference: `ServiceRequest/${ordered.id}` }],
    encounter: { reference: `Encounter/${visit.id}` },
    referrer: { reference: 'Practitioner/who-asked' },
    procedureCode: [code],
    numberOfInstances: 1,
  });
  expect(await tasksOf(recorded)).toEqual([]);

  const own = study();
  const issued = await order(ann, 'ACC2', {
    identifier: [{ system: 'urn:dicom:uid', value: urnOfUid(own) }],
  });
  const byUid = await record(own, object(own, { accessionNumber: 'ACC1' }));
  expect(byUid.basedOn).toEqual([{ reference: `ServiceRequest/${issued.id}` }]);
});

test('more images, the same again, and both at once make one study of all', async () => {
  const ann = await patient('200');
  const uid = study();
  const [first, second] = [object(uid, { patientId: '200' }), object(uid, { patientId: '200' })];
  const [one, other] = await Promise.all([record(uid, first), record(uid, first)]);
  expect(one.id).toBe(other.id);
  const both = await record(uid, first, second);
  expect(both).toMatchObject({
    id: one.id,
    numberOfInstances: 2,
    subject: { reference: `Patient/${ann.id}` },
  });
  const again = await record(uid, second, first);
  expect(again.series).toEqual(both.series);
  expect(again.meta?.versionId).toBe(both.meta?.versionId);
  expect(await studiesOf(uid)).toHaveLength(1);
});

test('images that carry the number of a merged record are of whom it was merged into', async () => {
  const ann = await patient('250');
  const link: Patient['link'] = [{ type: 'replaced-by', other: { reference: `Patient/${ann.id}` } }];
  await patient('251', CLINIC, { link });
  const uid = study();
  const recorded = await record(uid, object(uid, { patientId: '251' }));
  expect(recorded.subject).toEqual({ reference: `Patient/${ann.id}` });
  const sameNumber = [{ system: CLINIC, value: '251', use: 'old' as const }, ...ann.identifier!];
  await medplum.updateResource({ ...ann, identifier: sameNumber });
  const later = study();
  expect((await record(later, object(later, { patientId: '251' }))).subject).toEqual(recorded.subject);
});

test('a study says where its images are fetched, beside what others say', async () => {
  const own = await medplum.createResource(endpointAt('https://maxray.example/dicomweb'));
  const theirs = {
    reference: `Endpoint/${(await medplum.createResource(endpointAt('https://x.example'))).id}`,
  };
  const [endpoint, uid] = [{ reference: `Endpoint/${own.id}` }, study()];
  const objects = [object(uid, { patientId: 'nobody' })];
  const content = { ...ARRIVING, studyInstanceUid: uid, objects };
  const recorded = (await recordStudy({ ...parts, endpoint }, content))!;
  expect(recorded.endpoint).toEqual([endpoint]);
  await medplum.updateResource({ ...recorded, endpoint: [theirs] });
  const again = (await recordStudy({ ...parts, endpoint }, content))!;
  expect(again.endpoint).toEqual([theirs, endpoint]);
  expect((await recordStudy(parts, content))?.meta?.versionId).toBe(again.meta?.versionId);
});

const endpointAt = (address: string): Endpoint => ({
  resourceType: 'Endpoint',
  status: 'active',
  connectionType: { code: 'dicom-wado-rs' },
  payloadType: [{ text: 'DICOM' }],
  address,
});

test('who is found out stays, whatever later images say', async () => {
  const uid = study();
  const unknown = await record(uid, object(uid, { patientId: 'nobody' }));
  expect(unknown.subject).toEqual({ type: 'Patient', identifier: { system: CLINIC, value: 'nobody' } });
  const [task, ...others] = await tasksOf(unknown);
  expect([task, others]).toEqual([expect.objectContaining({ status: 'requested' }), []]);
  await record(uid, object(uid, { patientId: 'nobody' }));
  expect(await tasksOf(unknown)).toHaveLength(1);
  const ann = await patient('300');
  const current = (await studiesOf(uid))[0]!;
  await medplum.updateResource({ ...current, subject: { reference: `Patient/${ann.id}` } });
  const later = await record(uid, object(uid, { patientId: 'nobody' }), object(uid, { patientId: 'nobody' }));
  expect(later).toMatchObject({ subject: { reference: `Patient/${ann.id}` }, numberOfInstances: 2 });
});

test('images of a study that was erased are linked to nobody by themselves, and somebody is asked', async () => {
  const ann = await patient('300');
  const uid = study();
  const late = { ...ARRIVING, studyInstanceUid: uid, wasErased: true };
  const objects = [object(uid, { patientId: '300' })];
  const recorded = (await recordStudy(parts, { ...late, objects }))!;
  expect(recorded.subject.reference).toBeUndefined();
  const [task] = await tasksOf(recorded);
  expect(task?.description).toContain('erased before');
  await medplum.updateResource({ ...recorded, subject: { reference: `Patient/${ann.id}` } });
  const later = await recordStudy(parts, { ...late, objects: [...objects, object(uid, {})] });
  expect(later).toMatchObject({ subject: { reference: `Patient/${ann.id}` }, numberOfInstances: 2 });
});

test('a study that somebody has deleted comes again with new images only', async () => {
  const uid = study();
  const objects = [object(uid, {})];
  const { id } = await record(uid, ...objects);
  await medplum.deleteResource('ImagingStudy', id!);
  const complete = { ...ARRIVING, completeness: 'complete', hasNew: false } as const;
  expect(await recordStudy(parts, { ...complete, studyInstanceUid: uid, objects })).toBeUndefined();
  expect(await studiesOf(uid)).toHaveLength(0);
  expect(await record(uid, ...objects, object(uid, {}))).toMatchObject({ numberOfInstances: 2 });
});

interface Stranger {
  what: string;
  /** What is in the record before. */
  prepare?: () => Promise<unknown>;
  says: ObjectAttributes;
  sender?: string;
}
const smith = { family: 'SMITH', given: [] };
const twice =
  (number: string, ...systems: string[]) =>
  () =>
    Promise.all(systems.map((system) => patient(number, system)));
const STRANGERS: Stranger[] = [
  {
    what: 'another family name',
    prepare: () => patient('401'),
    says: { patientId: '401', patientName: smith },
  },
  {
    what: 'another family name that differs in its vowels',
    prepare: () => patient('411', CLINIC, { name: [{ family: 'राम' }] }),
    says: { patientId: '411', patientName: { family: 'रीमा', given: [] } },
  },
  {
    what: 'another birth date',
    prepare: () => patient('402'),
    says: { patientId: '402', patientBirthDate: '1981-02-03' },
  },
  { what: 'another sex', prepare: () => patient('403'), says: { patientId: '403', patientSex: 'M' } },
  {
    what: 'a number of another issuer',
    prepare: () => patient('404', OTHER_CLINIC),
    says: { patientId: '404' },
  },
  { what: 'a number of two', prepare: twice('405', CLINIC, CLINIC), says: { patientId: '405' } },
  {
    what: 'a number of two, from anywhere',
    prepare: twice('406', CLINIC, OTHER_CLINIC),
    says: { patientId: '406' },
    sender: 'ELSEWHERE',
  },
  { what: 'no number', says: {} },
  {
    what: 'a number with signs of searches',
    prepare: () => patient('407'),
    says: { patientId: '407,408|$' },
  },
  {
    what: 'an order of another',
    prepare: async () => {
      await patient('409');
      await order(await patient('410'), 'ACC409');
    },
    says: { patientId: '409', accessionNumber: 'ACC409' },
  },
];

test.each(STRANGERS)(
  'images with $what are linked to nobody, and somebody is asked',
  async ({ prepare, says, sender }) => {
    await prepare?.();
    const uid = study();
    const recorded = await record(uid, object(uid, says, sender));
    expect(recorded.subject.reference).toBeUndefined();
    expect(recorded.basedOn).toBeUndefined();
    const tasks = await tasksOf(recorded);
    expect(tasks.map(({ description }) => description)).toEqual([expect.any(String)]);
  },
);

test('a number of one patient with the sender of which nothing is known is enough', async () => {
  const ann = await patient('500', OTHER_CLINIC);
  const uid = study();
  const recorded = await record(uid, object(uid, { patientId: '500' }, 'ELSEWHERE'));
  expect(recorded.subject).toEqual({ reference: `Patient/${ann.id}` });
});

test('what no resource can say is left out, and what no number is as long as is nobody’s', async () => {
  const uid = study();
  const odd = {
    ...{ seriesNumber: 2 ** 31, instanceNumber: 99_999_999_999, modality: 'no  code' },
    ...{ studyStarted: '2026-01-01T24:00:00+01:00', seriesStarted: '0000-01-01' },
    ...{ patientId: '9'.repeat(40_000), accessionNumber: '8'.repeat(40_000) },
  };
  const recorded = await record(uid, object(uid, odd));
  expect(recorded).toMatchObject({ started: '2026-01-01', modality: [{ code: 'OT' }], numberOfInstances: 1 });
  expect(await tasksOf(recorded)).toMatchObject([
    { description: 'Nobody has the patient number that the images carry.' },
  ]);
});
