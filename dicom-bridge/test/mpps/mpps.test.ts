import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MedplumClient } from '@medplum/core';
import type { Device, Procedure, Reference, Task } from '@medplum/fhirtypes';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import type { PerformedStep } from '../../src/mpps/performedStep.ts';
import { StepLedger } from '../../src/mpps/stepLedger.ts';
import { StepRecorder } from '../../src/mpps/stepRecorder.ts';
import type { TestBridge } from '../support/bridge.ts';
import { openTestClinic, type TestClinic } from '../support/clinic.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { xray } from '../support/dicomObject.ts';
import { createStep, setStep } from '../support/mpps.ts';
import { placeOrder, unitOf } from '../support/orders.ts';
import { AE_TITLE, PEER } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const SUCCESS = 0;
const ANN = { PatientName: 'MULLER^ANN', PatientBirthDate: '19800203', PatientSex: 'F' };
const BEGUN = {
  ...ANN,
  PerformedProcedureStepID: 'S1',
  PerformedStationAETitle: 'UNIT7',
  PerformedProcedureStepStartDate: '20261202',
  PerformedProcedureStepStartTime: '090000',
  PerformedProcedureStepStatus: 'IN PROGRESS',
  Modality: 'DX',
};
const ENDED = {
  PerformedProcedureStepStatus: 'COMPLETED',
  PerformedProcedureStepEndDate: '20261202',
  PerformedProcedureStepEndTime: '091500',
};

let clinic: TestClinic;
let bridge: TestBridge;
let medplum: MedplumClient;
let unit: Device;
beforeAll(async () => {
  // No study becomes complete by having been quiet: a step has to say so.
  clinic = await openTestClinic({ timeZone: 'Europe/Berlin', quietMs: 3_600_000 });
  ({ medplum, bridge } = clinic);
  unit = await medplum.createResource(unitOf('UNIT7', 'DX'));
});
afterAll(() => clinic.stop());

const forOrder = ({ accession, uid }: { accession: string; uid: string }, more: object = {}) => ({
  ...BEGUN,
  ScheduledStepAttributesSequence: [{ StudyInstanceUID: uid, AccessionNumber: accession }],
  ...more,
});
const begin = (uid: string | undefined, elements: object) =>
  createStep(bridge.dicomPort, uid, { ...elements });
const tell = (uid: string, elements: object) => setStep(bridge.dicomPort, uid, { ...elements });
const byUid = (uid: string) => `identifier=urn:dicom:uid|${urnOfUid(uid)}`;
const procedureOf = (uid: string, status: Procedure['status']) =>
  until(
    () => medplum.searchOne('Procedure', byUid(uid), { cache: 'reload' }),
    (found) => found?.status === status,
  );

test('what a modality does for an order is its Procedure, with its dose, and the Task follows', async () => {
  const order = await placeOrder(medplum, 'M100');
  const task = await medplum.createResource<Task>({
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: {
      coding: [
        { system: 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task', code: 'capture-images' },
      ],
    },
    focus: order.reference,
  });
  const statusOfTask = async () => (await medplum.readResource('Task', task.id, { cache: 'reload' })).status;
  const step = newUid();
  expect(await begin(step, forOrder(order))).toMatchObject({ status: SUCCESS, sopInstanceUid: step });
  const begun = await procedureOf(step, 'in-progress');
  expect(begun).toMatchObject({
    basedOn: [order.reference],
    subject: { reference: `Patient/${order.patient.id}` },
    code: order.order.code,
    bodySite: order.order.bodySite,
    performedPeriod: { start: '2026-12-02T08:00:00.000Z' },
    usedReference: [{ reference: `Device/${unit.id}` }],
  });
  expect(await statusOfTask()).toBe('in-progress');

  const ended = await tell(step, {
    ...ENDED,
    ImageAndFluoroscopyAreaDoseProduct: '1.25',
    TotalNumberOfExposures: 2,
    PerformedSeriesSequence: [{ OperatorsName: 'Ramirez^Luz', ReferencedImageSequence: [] }],
  });
  expect(ended).toMatchObject({ status: SUCCESS });
  expect(await procedureOf(step, 'completed')).toMatchObject({
    id: begun.id,
    performedPeriod: { start: '2026-12-02T08:00:00.000Z', end: '2026-12-02T08:15:00.000Z' },
    performer: [{ actor: { display: 'Luz Ramirez' } }],
  });
  expect(await statusOfTask()).toBe('completed');
  const dose = await medplum.searchOne('Observation', `part-of=Procedure/${begun.id}`, { cache: 'reload' });
  expect(dose).toMatchObject({
    status: 'final',
    subject: begun.subject as Reference,
    device: { reference: `Device/${unit.id}` },
    component: [
      { code: { coding: [{ code: '113722' }] }, valueQuantity: { value: 1.25, code: 'dGy.cm2' } },
      { valueQuantity: { value: 2 } },
    ],
  });
});

test('a step that is broken off may be done again', async () => {
  const order = await placeOrder(medplum, 'M200');
  const step = newUid();
  await begin(step, forOrder(order));
  const reason = { CodeValue: '110501', CodingSchemeDesignator: 'DCM', CodeMeaning: 'Equipment failure' };
  await tell(step, {
    ...ENDED,
    PerformedProcedureStepStatus: 'DISCONTINUED',
    PerformedProcedureStepDiscontinuationReasonCodeSequence: [reason],
  });
  expect(await procedureOf(step, 'stopped')).toMatchObject({
    statusReason: { coding: [{ code: '110501' }], text: 'Equipment failure' },
  });
  const { status } = await medplum.readResource('ServiceRequest', order.order.id, { cache: 'reload' });
  expect(status).toBe('active');
});

test('a step of nobody who is known is of a number alone', async () => {
  const step = newUid();
  await begin(step, forOrder({ accession: '', uid: newUid() }, { PatientID: 'M-NOBODY' }));
  const { subject, basedOn } = await procedureOf(step, 'in-progress');
  expect([subject, basedOn]).toEqual([{ type: 'Patient', identifier: { value: 'M-NOBODY' } }, undefined]);
});

test('the bridge names a step that comes without a name', async () => {
  const order = await placeOrder(medplum, 'M300');
  const { status, sopInstanceUid } = await begin(undefined, forOrder(order));
  expect(status).toBe(SUCCESS);
  await procedureOf(sopInstanceUid!, 'in-progress');
});

const WHOLE = { ...BEGUN, ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2.3' }] };
const without = (keyword: string) =>
  Object.fromEntries(Object.entries(WHOLE).filter(([name]) => name !== keyword));
test.each([
  [
    'without what it was to do',
    without('ScheduledStepAttributesSequence'),
    0x0120,
    'ScheduledStepAttributes',
  ],
  ['without a station', without('PerformedStationAETitle'), 0x0120, 'PerformedStationAETitle'],
  ['with an empty modality', { ...WHOLE, Modality: '' }, 0x0121, 'Modality'],
  ['that has ended', { ...WHOLE, ...ENDED }, 0x0106, 'PerformedProcedureStepStatus'],
  ['on no day', { ...WHOLE, PerformedProcedureStepStartDate: '20260230' }, 0x0106, 'StartDate'],
  [
    'of a study with a hostile UID',
    { ...WHOLE, ScheduledStepAttributesSequence: [{ StudyInstanceUID: '../1' }] },
    0x0106,
    'StudyInstanceUID',
  ],
  [
    'for more than is looked for',
    { ...WHOLE, ScheduledStepAttributesSequence: Array(65).fill({ StudyInstanceUID: '1.2.3' }) },
    0x0213,
    'ScheduledStepAttributesSequence',
  ],
])('a step %s is refused', async (_what, elements, status, named) => {
  const step = newUid();
  expect(await begin(step, elements)).toMatchObject({ status, comment: expect.stringContaining(named) });
  expect((await tell(step, ENDED)).status).toBe(0x0112);
});

test('a step begins once, and ends once', async () => {
  const step = newUid();
  expect((await begin(step, WHOLE)).status).toBe(SUCCESS);
  expect((await begin(step, WHOLE)).status).toBe(0x0111);
  expect((await tell(step, { PerformedProcedureStepStatus: 'PAUSED' })).status).toBe(0x0106);
  expect((await tell(step, ENDED)).status).toBe(SUCCESS);
  expect(await tell(step, ENDED)).toMatchObject({ status: 0x0110, errorId: 0xa710 });
});

test('what was told while the server is away gets into the record afterwards', async () => {
  const order = await placeOrder(medplum, 'M400');
  const step = newUid();
  await bridge.statusWhen(({ steps }) => steps.waiting === 0);
  await bridge.restart({ maxrayUrl: 'http://127.0.0.1:1' });
  try {
    expect((await begin(step, forOrder(order))).status).toBe(SUCCESS);
    expect((await tell(step, ENDED)).status).toBe(SUCCESS);
    expect((await bridge.status()).steps).toEqual({ waiting: 1, failing: 0 });
  } finally {
    await bridge.restart({});
  }
  expect(await procedureOf(step, 'completed')).toMatchObject({ basedOn: [order.reference] });
});

test('a step that cannot be recorded holds up no other, and what is recorded is forgotten', async () => {
  const database = new DatabaseSync(':memory:');
  const steps = new StepLedger(database);
  const [refused, fine] = [newUid(), newUid()];
  const step: PerformedStep = {
    sopInstanceUid: refused,
    status: 'IN PROGRESS',
    scheduled: [{ studyInstanceUid: newUid() }],
    patient: {},
    sourceAeTitle: PEER,
    stationAeTitle: 'UNIT7',
    started: '2026-12-02T08:00:00Z',
    dose: {},
  };
  const faults = [new Error('Ann Test was refused')];
  const logged: unknown[] = [];
  const recorder = new StepRecorder({
    steps,
    server: {
      client: async () => {
        const fault = faults.shift();
        return fault ? Promise.reject(fault) : medplum;
      },
    },
    issuerOf: () => undefined,
    log: (event, details) => void logged.push({ event, ...details }),
    times: { away: { firstMs: 1, maxMs: 1 }, refused: { firstMs: 3_600_000, maxMs: 3_600_000 } },
  });
  steps.begin(step, 1);
  steps.begin({ ...step, sopInstanceUid: fine }, 2);
  steps.change({ ...step, sopInstanceUid: fine, status: 'COMPLETED' }, 3);
  recorder.wake();
  await procedureOf(fine, 'completed');
  await recorder.stop();
  expect(logged).toEqual([{ event: 'performed step not recorded', attempts: 1, reason: 'Error' }]);
  expect(steps.counts()).toEqual({ waiting: 1, failing: 1 });
  const text = 'SELECT content IS NULL AS is_forgotten FROM performed_step WHERE sop_instance_uid = ?';
  const isForgotten = (uid: string) => database.prepare(text).get(uid)!['is_forgotten'];
  expect([isForgotten(refused), isForgotten(fine)]).toEqual([0, 1]);
  database.close();
});

testWithDcmtk('a study is complete as soon as all is there that its step has made', async () => {
  const { patient, ...order } = await placeOrder(medplum, 'M500');
  const [step, studyInstanceUid] = [newUid(), order.uid];
  await begin(step, forOrder(order));
  const image = xray({ studyInstanceUid, patientId: 'M500', patientName: 'MULLER^ANN' });
  const file = path.join(bridge.config.folder, 'image.dcm');
  writeFileSync(file, image.file);
  const to = ['-aet', PEER, '-aec', AE_TITLE, '127.0.0.1', String(bridge.dicomPort)];
  expect((await dcmtk('storescu', [...to, file])).code).toBe(0);
  await tell(step, {
    ...ENDED,
    PerformedSeriesSequence: [
      {
        ReferencedImageSequence: [
          {
            ReferencedSOPClassUID: image.object.sopClassUid,
            ReferencedSOPInstanceUID: image.object.sopInstanceUid,
          },
        ],
      },
    ],
  });
  await until(bridge.status, ({ studies }) => studies.complete === 1);
  const study = await medplum.searchOne('ImagingStudy', byUid(studyInstanceUid), { cache: 'reload' });
  expect(study).toMatchObject({
    subject: { reference: `Patient/${patient.id}` },
    basedOn: [order.reference],
  });
});
