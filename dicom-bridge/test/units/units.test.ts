import { afterAll, beforeAll, expect } from '@jest/globals';
import type { MedplumClient } from '@medplum/core';
import type { DeviceMetric } from '@medplum/fhirtypes';
import type { ChildProcess } from 'node:child_process';
import type { TestBridge } from '../support/bridge.ts';
import { openTestClinic, type TestClinic } from '../support/clinic.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { freePort } from '../support/freePort.ts';
import { unitOf } from '../support/orders.ts';
import { AE_TITLE } from '../support/receiver.ts';
import { startUnit, stopUnit } from '../support/unit.ts';
import { until } from '../support/until.ts';

const CONNECTION = 'https://maxray.example/fhir/CodeSystem/maxray-connection';
const LAST_SEEN = 'https://maxray.example/fhir/StructureDefinition/maxray-last-seen';

let clinic: TestClinic;
let bridge: TestBridge;
let medplum: MedplumClient;
let running: ChildProcess | undefined;
beforeAll(async () => {
  clinic = await openTestClinic();
  ({ medplum, bridge } = clinic);
});
afterAll(async () => {
  if (running) await stopUnit(running);
  await clinic.stop();
});

/** A unit in the record; with a port it can be asked. */
async function unitAt(aeTitle: string, port?: number) {
  const device = await medplum.createResource(unitOf(aeTitle, 'DX'));
  await medplum.createResource({
    resourceType: 'Endpoint',
    status: 'active',
    identifier: [{ system: 'https://maxray.example/fhir/sid/ae-title', value: aeTitle }],
    connectionType: { system: CONNECTION, code: 'dicom-dimse' },
    payloadType: [{ text: 'DICOM' }],
    address: `dicom://127.0.0.1${port === undefined ? '' : `:${port}`}`,
  });
  const source = `Device/${device.id}`;
  const connection = () => medplum.searchOne('DeviceMetric', { source }, { cache: 'reload' });
  const when = (status: DeviceMetric['operationalStatus']) =>
    until(connection, (metric) => metric?.operationalStatus === status);
  return { source, when };
}
const seenIn = ({ extension }: DeviceMetric) => extension?.find(({ url }) => url === LAST_SEEN)?.valueInstant;

testWithDcmtk('a unit is on while it answers, off when it does not, and on when it is back', async () => {
  const port = await freePort();
  running = startUnit('PORTABLE', port);
  const unit = await unitAt('PORTABLE', port);
  await bridge.restart({ echoMs: 100 });
  const on = await unit.when('on');
  expect(on).toMatchObject({
    meta: { profile: ['https://maxray.example/fhir/StructureDefinition/maxray-unit-connection'] },
    type: { coding: [{ code: 'dicom-connection' }] },
    source: { reference: unit.source },
  });
  expect(Date.parse(seenIn(on)!)).toBeLessThanOrEqual(Date.now());

  const calibration: DeviceMetric['calibration'] = [{ type: 'gain', state: 'calibrated' }];
  await medplum.updateResource({ ...on, calibration });
  await stopUnit(running);
  const off = await unit.when('off');
  expect(off).toMatchObject({ id: on.id, calibration });
  expect(Date.parse(seenIn(off)!)).toBeGreaterThanOrEqual(Date.parse(seenIn(on)!));

  running = startUnit('PORTABLE', port);
  expect(await unit.when('on')).toMatchObject({ id: on.id, calibration });
});

testWithDcmtk(
  'a unit that is never asked is on when it comes, whatever the server was doing then',
  async () => {
    const unit = await unitAt('SILENT');
    await bridge.restart();
    await bridge.statusWhen(({ peers }) => peers.admitted.some(({ aeTitle }) => aeTitle === 'SILENT'));
    const to = () => ['-aet', 'SILENT', '-aec', AE_TITLE, '127.0.0.1', String(bridge.dicomPort)];
    expect((await dcmtk('echoscu', to())).code).toBe(0);
    const first = await unit.when('on');
    // Once more is no news.
    expect((await dcmtk('echoscu', to())).code).toBe(0);
    expect((await unit.when('on')).meta!.versionId).toBe(first.meta!.versionId);
  },
);
