import { afterAll, beforeAll, expect } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Endpoint, ImagingStudy } from '@medplum/fhirtypes';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ADMINISTRATOR } from '../../../server/test/support/administrator.ts';
import { startTestServer, type TestServer } from '../../../server/test/support/server.ts';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import { MODALITY, openTestBridge, type TestBridge } from '../support/bridge.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { xray, type TestObject } from '../support/dicomObject.ts';
import { until } from '../support/until.ts';

const CLINIC = 'https://clinic.example/mrn';
const COMPLETENESS = 'https://maxray.example/fhir/StructureDefinition/maxray-study-completeness';

let server: TestServer;
let medplum: MedplumClient;
let bridge: TestBridge;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  medplum = new MedplumClient({
    baseUrl: `${server.url}/`,
    fhirUrlPath: 'fhir/R4',
    maxRetries: 0,
    cacheTime: 0,
  });
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  bridge = await openTestBridge({ maxrayUrl: server.url });
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-objects-'));
});
afterAll(async () => {
  await bridge.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});

let count = 0;
/** Sends images by storescu. */
async function send(images: Partial<TestObject>[], calling = MODALITY) {
  const made = images.map((of) => xray(of));
  const files = made.map(({ file }) => {
    const name = path.join(folder, `${(count += 1)}.dcm`);
    writeFileSync(name, file);
    return name;
  });
  const args = ['-v', '-aet', calling, '-aec', 'MAXRAY', '127.0.0.1', String(bridge.dicomPort), ...files];
  const { output } = await dcmtk('storescu', args);
  return { made, stored: output.match(/Received Store Response \(Success\)/g)?.length ?? 0, output };
}
const studyOf = (uid: string): Promise<ImagingStudy | undefined> =>
  medplum.searchOne('ImagingStudy', `identifier=urn:dicom:uid|${urnOfUid(uid)}`, { cache: 'reload' });
const completenessOf = (study: ImagingStudy | undefined) =>
  study?.extension?.find(({ url }) => url === COMPLETENESS)?.valueCode;
/** The study, once it has so many images and nothing more is expected. */
const finished = (uid: string, instances: number) =>
  until(
    () => studyOf(uid),
    (study) => study?.numberOfInstances === instances && completenessOf(study) !== 'arriving',
  );
const spooled = () => readdirSync(path.join(bridge.config.folder, 'spool'));
/** Files go after their objects were recorded. */
const untilSpoolIsEmpty = () =>
  until(
    async () => spooled(),
    (names) => names.length === 0,
  );

testWithDcmtk(
  'images that a modality sends are in the record, and a late one opens their study again',
  async () => {
    const patient = await medplum.createResource({
      resourceType: 'Patient',
      identifier: [
        {
          system: CLINIC,
          value: 'B1',
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
        },
      ],
      name: [{ family: 'Test', given: ['Ann'] }],
    });
    const of = { studyInstanceUid: newUid(), seriesInstanceUid: newUid(), patientId: 'B1' };
    const { made, stored } = await send([of, of, of]);
    expect(stored).toBe(3);
    const study = await finished(of.studyInstanceUid, 3);
    expect(completenessOf(study)).toBe('complete');
    expect(study.subject).toEqual({ reference: `Patient/${patient.id}` });
    expect(study.series).toMatchObject([{ uid: of.seriesInstanceUid, numberOfInstances: 3 }]);
    await untilSpoolIsEmpty();
    const [{ object, dataSet }] = made as [ReturnType<typeof xray>];
    const kept = await bridge.ask(`/objects/${object.sopInstanceUid}`);
    const bytes = Buffer.from(await kept.arrayBuffer());
    expect(kept.headers.get('content-type')).toMatch(/^application\/dicom/);
    expect(bytes.subarray(-dataSet.length).equals(dataSet)).toBe(true);

    const late = xray({ ...of, fill: 9 });
    const answer = await bridge.ask('/objects', {
      method: 'POST',
      headers: { 'X-Source': 'STOW' },
      body: new Uint8Array(late.file),
    });
    expect(await answer.json()).toEqual({
      status: 0,
      sopClassUid: late.object.sopClassUid,
      sopInstanceUid: late.object.sopInstanceUid,
      studyInstanceUid: of.studyInstanceUid,
    });
    const again = await finished(of.studyInstanceUid, 4);
    const versions = await medplum.readHistory('ImagingStudy', study.id!, { cache: 'reload' } as never);
    const said = versions.entry!.map(
      ({ resource }) =>
        `${(resource as ImagingStudy).numberOfInstances} ${completenessOf(resource as ImagingStudy)}`,
    );
    expect([again.id, said[0], said]).toEqual([
      study.id,
      '4 complete',
      expect.arrayContaining(['3 complete']),
    ]);
    const { studies } = await bridge.statusWhen(({ objects }) => objects['recorded'] === 4);
    expect(studies).toMatchObject({ complete: 1, failing: 0 });
  },
);

testWithDcmtk(
  'what came while the server was away is recorded when it is back, by another bridge on the folder',
  async () => {
    const of = { studyInstanceUid: newUid(), patientId: 'nobody' };
    await bridge.restart({ maxrayUrl: 'http://127.0.0.1:9' });
    expect((await send([of, of])).stored).toBe(2);
    await bridge.statusWhen(({ objects, server }) => objects['archived'] === 2 && !server.answers);
    expect(spooled()).toHaveLength(2);
    await bridge.restart();
    const study = await finished(of.studyInstanceUid, 2);
    expect(study.subject).toEqual({ type: 'Patient', identifier: { value: 'nobody' } });
    await bridge.statusWhen(({ objects }) => objects['archived'] === undefined);
    await untilSpoolIsEmpty();
  },
);

testWithDcmtk(
  'who is admitted stands in the record once it has somebody, and is known without it',
  async () => {
    const unit = await medplum.createResource<Endpoint>({
      resourceType: 'Endpoint',
      identifier: [{ system: 'https://maxray.example/fhir/sid/ae-title', value: 'UNIT 1' }],
      status: 'active',
      connectionType: {
        system: 'https://maxray.example/fhir/CodeSystem/maxray-connection',
        code: 'dicom-dimse',
      },
      payloadType: [{ text: 'DICOM' }],
      address: 'dicom://127.0.0.1:10104',
    });
    await medplum.createResource<Endpoint>({
      ...unit,
      id: undefined,
      address: 'dicom://unit.example:104',
    } as Endpoint);
    await bridge.restart();
    const { peers } = await bridge.statusWhen((status) => status.peers.source === 'record');
    expect(peers.admitted).toEqual([{ aeTitle: 'UNIT 1', address: '127.0.0.1', port: 10_104 }]);
    expect(peers.ignored).toEqual([expect.stringMatching(/^Endpoint\/\S+: its address/)]);
    await bridge.restart({ maxrayUrl: 'http://127.0.0.1:9' });
    const echo = (calling: string) =>
      dcmtk('echoscu', ['-aet', calling, '-aec', 'MAXRAY', '127.0.0.1', String(bridge.dicomPort)]);
    expect((await echo('UNIT 1')).code).toBe(0);
    expect((await echo(MODALITY)).code).not.toBe(0);
  },
);
