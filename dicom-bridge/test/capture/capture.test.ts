import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Device, Patient, Practitioner, Task } from '@medplum/fhirtypes';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { People } from '../../../server/test/support/people.ts';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import type { TestBridge } from '../support/bridge.ts';
import { captureBundle, captureOf, type Asked } from '../support/capture.ts';
import { openTestClinic, type TestClinic } from '../support/clinic.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { xray } from '../support/dicomObject.ts';
import { findscu } from '../support/find.ts';
import { createStep, setStep } from '../support/mpps.ts';
import { numbersIn, orderOf, patientOf, unitOf } from '../support/orders.ts';
import { AE_TITLE, PEER } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const OTHER_UNIT = 'UNIT2';
const ACCESSION = '0008,0050';
const RELOAD = { cache: 'reload' } as const;

let clinic: TestClinic;
let bridge: TestBridge;
let administrator: MedplumClient;
let paramedic: MedplumClient;
let asked: Asked;
let stranger: Patient;
let otherUnit: Device;
beforeAll(async () => {
  clinic = await openTestClinic({ timeZone: 'Europe/Berlin' });
  ({ bridge, medplum: administrator } = clinic);
  const unit = await administrator.createResource(unitOf(PEER, 'DX'));
  otherUnit = await administrator.createResource(unitOf(OTHER_UNIT, 'DX'));
  const luz = await administrator.createResource<Practitioner>({ resourceType: 'Practitioner' });
  const requester = { reference: `Practitioner/${luz.id}` };
  const people = new People(clinic.server);
  await people.prepare('maxray-paramedic');
  const standing = { profile: requester.reference, policies: ['maxray-paramedic'] };
  const authorization = await people.client('luz', standing);
  paramedic = new MedplumClient({ baseUrl: `${clinic.server.url}/`, fhirUrlPath: 'fhir/R4', maxRetries: 0 });
  paramedic.setAccessToken(authorization.replace('Bearer ', ''));
  const patient = await administrator.createResource(patientOf('C100'));
  stranger = await administrator.createResource(patientOf('C900'));
  asked = { patient, requester, unit };
  await administrator.createResource<Task>({
    resourceType: 'Task',
    status: 'accepted',
    intent: 'order',
    for: { reference: `Patient/${patient.id}` },
    owner: requester,
  });
});
afterAll(() => clinic.stop());

/** The paramedic orders images of the unit. */
async function capture() {
  const { entry = [] } = await paramedic.executeBatch(captureBundle(asked));
  const [orderId, taskId] = entry.map(({ response }) => response!.location!.split('/').at(-3)!);
  const order = await paramedic.readResource('ServiceRequest', orderId!);
  const task = await paramedic.readResource('Task', taskId!);
  return { order, task, ...numbersIn(order) };
}

/** Accession numbers that a station finds in its worklist. */
async function worklistOf(station: string): Promise<string[]> {
  const keys = [`(0040,0100)[0].0040,0001=${station}`, ACCESSION];
  const { items, status } = await findscu(bridge.dicomPort, keys);
  expect(status).toMatch(/^Success/);
  return items.map((item) => item[ACCESSION]!);
}

const readTask = ({ id }: Task) => paramedic.readResource('Task', id!, RELOAD);
const taskWhen = (task: Task, status: Task['status']) =>
  until(
    () => readTask(task),
    (seen) => seen.status === status,
  );

const begun = ({ accession, uid }: { accession: string; uid: string }) => ({
  PatientName: 'MULLER^ANN',
  PerformedProcedureStepID: 'S1',
  PerformedStationAETitle: PEER,
  PerformedProcedureStepStartDate: '20261202',
  PerformedProcedureStepStartTime: '090000',
  PerformedProcedureStepStatus: 'IN PROGRESS',
  Modality: 'DX',
  ScheduledStepAttributesSequence: [{ StudyInstanceUID: uid, AccessionNumber: accession }],
});
const ended = (status: 'COMPLETED' | 'DISCONTINUED') => ({
  PerformedProcedureStepStatus: status,
  PerformedProcedureStepEndDate: '20261202',
  PerformedProcedureStepEndTime: '091500',
});

testWithDcmtk('a paramedic has a unit take images, and sees how far it is', async () => {
  const { order, task, accession, uid } = await capture();
  expect(await worklistOf(OTHER_UNIT)).toEqual([]);
  expect((await readTask(task)).status).toBe('requested');
  expect(await worklistOf(PEER)).toEqual([accession]);
  await taskWhen(task, 'accepted');

  const step = newUid();
  await createStep(bridge.dicomPort, step, begun({ accession, uid }));
  await taskWhen(task, 'in-progress');

  const { patient } = asked;
  const image = xray({ studyInstanceUid: uid, patientId: 'C100', patientName: 'MULLER^ANN' });
  const file = path.join(bridge.config.folder, 'image.dcm');
  writeFileSync(file, image.file);
  const to = ['-aet', PEER, '-aec', AE_TITLE, '127.0.0.1', String(bridge.dicomPort)];
  expect((await dcmtk('storescu', [...to, file])).code).toBe(0);
  await setStep(bridge.dicomPort, step, ended('COMPLETED'));
  await taskWhen(task, 'completed');
  const byUid = `identifier=urn:dicom:uid|${urnOfUid(uid)}`;
  expect(await until(() => paramedic.searchOne('ImagingStudy', byUid, RELOAD))).toMatchObject({
    subject: { reference: `Patient/${patient.id}` },
    basedOn: [{ reference: `ServiceRequest/${order.id}` }],
  });
  expect(await worklistOf(PEER)).toEqual([]);
});

testWithDcmtk('what the crew cancels is in no worklist any more', async () => {
  const { task, accession } = await capture();
  expect(await worklistOf(PEER)).toEqual([accession]);
  const accepted = await taskWhen(task, 'accepted');
  await paramedic.updateResource({ ...accepted, status: 'cancelled' });
  expect(await worklistOf(PEER)).toEqual([]);
});

testWithDcmtk('what a unit breaks off has failed, and may be asked of another unit', async () => {
  const { order, task, accession, uid } = await capture();
  const step = newUid();
  await createStep(bridge.dicomPort, step, begun({ accession, uid }));
  await setStep(bridge.dicomPort, step, ended('DISCONTINUED'));
  await taskWhen(task, 'failed');
  expect(await worklistOf(PEER)).toEqual([]);
  const again = captureOf(`ServiceRequest/${order.id}`, { ...asked, unit: otherUnit });
  const second = await paramedic.createResource(again);
  expect(await worklistOf(OTHER_UNIT)).toEqual([accession]);
  // Only the unit itself takes on its work.
  expect((await readTask(second)).status).toBe('requested');
  await paramedic.updateResource({ ...second, status: 'cancelled' });
});

testWithDcmtk('a task about another patient than the order is passed over', async () => {
  const order = await administrator.createResource(orderOf(stranger));
  await paramedic.createResource(captureOf(`ServiceRequest/${order.id}`, { ...asked, unit: otherUnit }));
  const { accession } = numbersIn(order);
  // As before: an order that names no unit is for whoever asks.
  expect(await worklistOf(PEER)).toEqual([accession]);
  await administrator.updateResource({ ...order, status: 'revoked' });
});

const FORBIDDEN = { outcome: { issue: [{ code: 'forbidden' }] } };
test('a crew asks no unit for images of others, and gives itself no task', async () => {
  const ofStranger = captureBundle({ ...asked, patient: stranger });
  await expect(paramedic.executeBatch(ofStranger)).rejects.toMatchObject(FORBIDDEN);
  const { order } = await capture();
  const own = { ...captureOf(`ServiceRequest/${order.id}`, asked), owner: asked.requester };
  await expect(paramedic.createResource(own as Task)).rejects.toMatchObject(FORBIDDEN);
  const inTheNameOfOthers = { ...asked, requester: { reference: 'Practitioner/other' } };
  await expect(paramedic.executeBatch(captureBundle(inTheNameOfOthers))).rejects.toMatchObject(FORBIDDEN);
});
