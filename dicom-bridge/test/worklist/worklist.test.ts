import { afterAll, beforeAll, expect } from '@jest/globals';
import type { MedplumClient } from '@medplum/core';
import type { Appointment, Bundle, Device, Encounter, Patient, Procedure } from '@medplum/fhirtypes';
import type { TestBridge } from '../support/bridge.ts';
import { openTestClinic, type TestClinic } from '../support/clinic.ts';
import { testWithDcmtk } from '../support/dcmtk.ts';
import { findscu } from '../support/find.ts';
import { CLINIC, orderOf, patientOf, placeOrder, unitOf } from '../support/orders.ts';

/** What is asked for, in any depth. */
const TAG = {
  patientName: '0010,0010',
  patientId: '0010,0020',
  birthDate: '0010,0030',
  sex: '0010,0040',
  accession: '0008,0050',
  study: '0020,000d',
  procedureId: '0040,1001',
  description: '0032,1060',
  priority: '0040,1003',
  reason: '0040,1002',
  requester: '0032,1032',
  station: '0040,0001',
  stationName: '0040,0010',
  date: '0040,0002',
  time: '0040,0003',
  modality: '0008,0060',
  step: '0040,0007',
  status: '0040,0020',
  characterSet: '0008,0005',
};
const IN_STEP = ['station', 'stationName', 'date', 'time', 'modality', 'step', 'status'] as const;
type Name = keyof typeof TAG;

let clinic: TestClinic;
let bridge: TestBridge;
let medplum: MedplumClient;
let unit: Device;
beforeAll(async () => {
  clinic = await openTestClinic({ timeZone: 'Europe/Berlin' });
  ({ medplum, bridge } = clinic);
  unit = await medplum.createResource(unitOf('UNIT1', 'DX'));
});
afterAll(() => clinic.stop());

/** Asks for all of {@link TAG}, with values for some. */
async function ask(values: Partial<Record<Name, string>>) {
  const keys = (Object.keys(TAG) as Name[])
    .filter((name) => name !== 'characterSet')
    .map((name) => {
      const isInStep = (IN_STEP as readonly string[]).includes(name);
      return `${isInStep ? '(0040,0100)[0].' : ''}${TAG[name]}=${values[name] ?? ''}`;
    });
  const { items, status } = await findscu(bridge.dicomPort, keys);
  const named = items.map((item) =>
    Object.fromEntries(Object.entries(TAG).map(([name, tag]) => [name, item[tag]])),
  );
  return { items: named, status };
}
const performer = () => [{ reference: `Device/${unit.id}` }];

testWithDcmtk('an order is an item, with all that its images are to carry', async () => {
  const requester = await medplum.createResource({
    resourceType: 'Practitioner',
    name: [{ family: 'Okafor', given: ['Ngozi'] }],
  });
  const { accession, uid } = await placeOrder(medplum, 'W100', {
    performer: performer(),
    requester: { reference: `Practitioner/${requester.id}` },
  });
  const { items, status } = await ask({ accession });
  expect(status).toMatch(/^Success/);
  expect(items).toEqual([
    {
      patientName: 'Müller^Ann^Eva^Dr.',
      patientId: 'W100',
      birthDate: '19800203',
      sex: 'F',
      accession,
      study: uid,
      procedureId: accession,
      description: 'Ankle X-ray',
      priority: 'HIGH',
      reason: 'Fall on the stairs',
      requester: 'Okafor^Ngozi',
      station: 'UNIT1',
      stationName: 'Unit UNIT1',
      date: '20261202',
      time: '000500',
      modality: 'DX',
      step: 'Ankle X-ray, Ankle',
      status: 'SCHEDULED',
      characterSet: 'ISO_IR 192',
    },
  ]);
});

testWithDcmtk('items are found by what consoles ask for', async () => {
  const { accession: number } = await placeOrder(
    medplum,
    'W200',
    { performer: performer(), occurrenceDateTime: '2026-12-03T09:00:00+01:00' },
    { name: [{ family: 'Çelik', given: ['Deniz'] }] },
  );
  const found: Partial<Record<Name, string>>[] = [
    { patientName: 'CELIK*' },
    { patientId: 'W200' },
    { patientId: 'W20?', station: 'UNIT1' },
    { patientId: 'W200', date: '20261203' },
    { patientId: 'W200', date: '20261201-20261231', time: '0800-1000' },
    { patientId: 'W200', modality: 'DX' },
    { procedureId: number },
  ];
  const missed: Partial<Record<Name, string>>[] = [
    { patientName: 'CELIKA*' },
    { patientId: 'W200', station: 'UNIT2' },
    { patientId: 'W200', date: '-20261202' },
    { patientId: 'W200', modality: 'CT' },
    { accession: `${number}X` },
  ];
  const numbers = async (values: Partial<Record<Name, string>>) => {
    const { items } = await ask(values);
    return [values, items.map(({ accession }) => accession)];
  };
  expect(await Promise.all([...found, ...missed].map(numbers))).toEqual([
    ...found.map((values) => [values, [number]]),
    ...missed.map((values) => [values, []]),
  ]);
  expect((await ask({ date: 'tomorrow' })).status).toMatch(/0xa900|Identifier|Match/i);
});

testWithDcmtk('an order that names no unit is for whoever asks', async () => {
  const visit = await medplum.createResource<Encounter>({
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { code: 'AMB' },
  });
  const doctor = await medplum.createResource({ resourceType: 'Practitioner' });
  await placeOrder(medplum, 'W300', {
    meta: { profile: ['https://maxray.example/fhir/StructureDefinition/maxray-xray-order'] },
    encounter: { reference: `Encounter/${visit.id}` },
    requester: { reference: `Practitioner/${doctor.id}` },
  });
  expect((await ask({ patientId: 'W300' })).items).toMatchObject([{ station: 'MODALITY', modality: 'DX' }]);
  const asked = await ask({ patientId: 'W300', station: 'UNIT9', modality: 'CR' });
  expect(asked.items).toMatchObject([{ station: 'UNIT9', modality: 'CR' }]);
  expect((await ask({ patientId: 'W300', modality: 'MR' })).items).toEqual([]);
});

testWithDcmtk('an appointment says when; what is done or given up is no item any more', async () => {
  const { reference, patient } = await placeOrder(medplum, 'W400');
  const appointment = (status: Appointment['status'], start: string): Appointment => ({
    resourceType: 'Appointment',
    status,
    start,
    end: start.replace('T0', 'T1'),
    basedOn: [reference],
    participant: [{ actor: { reference: `Patient/${patient.id}` }, status: 'accepted' }],
  });
  await medplum.createResource(appointment('cancelled', '2026-12-09T08:00:00Z'));
  await medplum.createResource(appointment('booked', '2026-12-05T08:00:00Z'));
  const now = async () => (await ask({ patientId: 'W400' })).items;
  expect(await now()).toMatchObject([{ date: '20261205', time: '090000', status: 'SCHEDULED' }]);
  const procedure = await medplum.createResource<Procedure>({
    resourceType: 'Procedure',
    status: 'in-progress',
    category: { coding: [{ system: 'http://snomed.info/sct', code: '363679005' }] },
    subject: { reference: `Patient/${patient.id}` },
    basedOn: [reference],
  });
  expect(await now()).toMatchObject([{ status: 'STARTED' }]);
  await medplum.updateResource<Procedure>({ ...procedure, status: 'stopped' });
  expect(await now()).toMatchObject([{ status: 'SCHEDULED' }]);
  await medplum.updateResource<Procedure>({ ...procedure, status: 'completed' });
  expect(await now()).toEqual([]);

  const other = await placeOrder(medplum, 'W401');
  await medplum.updateResource({ ...other.order, status: 'revoked' });
  expect((await ask({ patientId: 'W401' })).items).toEqual([]);
});

testWithDcmtk('a console that knows Latin-1 alone gets that, and numbers of its issuer', async () => {
  const issuer = 'https://other.example';
  const latin = { aeTitle: 'MODALITY', address: '127.0.0.1', characterSet: 'ISO_IR 100', issuer };
  const { accession } = await placeOrder(
    medplum,
    'W500',
    {},
    {
      identifier: [
        { system: CLINIC, value: 'W500' },
        { system: issuer, value: 'X500' },
      ],
      name: [{ family: 'Łuczak', given: ['Zoë'] }],
    },
  );
  await bridge.restart({ allow: [latin] });
  try {
    const { items } = await ask({ accession });
    expect(items).toMatchObject([{ characterSet: 'ISO_IR 100', patientId: 'X500' }]);
    expect(items[0]!.patientName).toMatch(/^Luczak\^Zo\ufffd$/); // one byte, which is no UTF-8
  } finally {
    await bridge.restart({});
  }
});

testWithDcmtk('there are more items than a page of the record has', async () => {
  const patient = await medplum.createResource<Patient>(patientOf('W600'));
  const entry = Array.from({ length: 260 }, () => ({
    resource: orderOf(patient),
    request: { method: 'POST' as const, url: 'ServiceRequest' },
  }));
  const bundle: Bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  await medplum.executeBatch(bundle);
  const { items, status } = await ask({ patientId: 'W600' });
  expect(new Set(items.map(({ study }) => study)).size).toBe(entry.length);
  expect(status).toMatch(/^Success/);
});

testWithDcmtk('while the record does not answer, there is no worklist rather than an empty one', async () => {
  await bridge.restart({ maxrayUrl: 'http://127.0.0.1:1' });
  try {
    const { items, status } = await ask({});
    expect([items, status]).toEqual([[], expect.stringMatching(/0xc000|UnableToProcess/i)]);
  } finally {
    await bridge.restart({});
  }
});
