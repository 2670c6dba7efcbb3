import { afterAll, beforeAll, expect } from '@jest/globals';
import type { MedplumClient } from '@medplum/core';
import type { AuditEvent } from '@medplum/fhirtypes';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { urnOfUid } from '../../src/identifiers/uid.ts';
import type { TestBridge } from '../support/bridge.ts';
import { openTestClinic, type TestClinic } from '../support/clinic.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { xray } from '../support/dicomObject.ts';
import { findscu } from '../support/find.ts';
import { CLINIC, patientOf, unitOf } from '../support/orders.ts';
import { AE_TITLE, PEER } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const READER = 'READER';
const LOOPBACK = '127.0.0.1';

let clinic: TestClinic;
let bridge: TestBridge;
let medplum: MedplumClient;
beforeAll(async () => {
  clinic = await openTestClinic({
    allow: [
      { aeTitle: PEER, address: LOOPBACK, issuer: CLINIC },
      { aeTitle: READER, address: LOOPBACK, services: ['query-retrieve'] },
    ],
  });
  ({ medplum, bridge } = clinic);
});
afterAll(() => clinic.stop());

const to = (as: string) => ['-aet', as, '-aec', AE_TITLE, LOOPBACK, String(bridge.dicomPort)];

/** What the audit log has of DICOM, the newest first. */
async function logged(): Promise<AuditEvent[]> {
  const all = await medplum.searchResources('AuditEvent', { _count: '500' }, { cache: 'reload' });
  return all.filter(({ source }) => source.observer.identifier?.value !== `${clinic.server.url}/fhir/R4`);
}
const codeOf = ({ type, subtype }: AuditEvent) => `${type.code} ${subtype![0]!.code}`;
const loggedOf = (code: string, count = 1) =>
  until(
    async () => (await logged()).filter((event) => codeOf(event) === code),
    ({ length }) => length >= count,
  );

testWithDcmtk('who sends, asks, fetches and is refused over DICOM is in the audit log', async () => {
  const patient = await medplum.createResource(patientOf('A100'));
  const image = xray({ patientId: 'A100', patientName: 'MULLER^ANN' });
  const { studyInstanceUid: uid } = image.object;
  const file = path.join(bridge.config.folder, 'image.dcm');
  writeFileSync(file, image.file);
  expect((await dcmtk('storescu', [...to(PEER), file])).code).toBe(0);
  const byUid = `identifier=urn:dicom:uid|${urnOfUid(uid)}`;
  const study = await until(() => medplum.searchOne('ImagingStudy', byUid, { cache: 'reload' }));
  await dcmtk('echoscu', to('STRANGER'));
  await findscu(bridge.dicomPort, ['(0040,0100)[0].0008,0060=DX', 'PatientName']);
  await dcmtk('findscu', [
    '-S',
    ...to(READER),
    '-k',
    'QueryRetrieveLevel=STUDY',
    '-k',
    `StudyInstanceUID=${uid}`,
  ]);
  const get = ['-S', '-od', bridge.config.folder, ...to(READER)];
  await dcmtk('getscu', [...get, '-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${uid}`]);

  const ofStudy = (instances: string) => ({
    what: { identifier: { system: 'urn:dicom:uid', value: urnOfUid(uid) } },
    detail: [{ type: 'instances', valueString: instances }],
  });
  const from = (aeTitle: string) =>
    expect.objectContaining({
      who: { identifier: { value: `AET:${aeTitle}` } },
      network: { address: LOOPBACK, type: '2' },
    });
  const [begun] = await loggedOf('110102 RAD-8');
  expect(begun).toMatchObject({ outcome: '0', agent: expect.arrayContaining([from(PEER)]) });
  expect(begun!.entity).toContainEqual(expect.objectContaining(ofStudy('0')));
  const [refused] = await loggedOf('110113 110126');
  expect(refused).toMatchObject({ outcome: '8', outcomeDesc: 'calling AE title' });
  expect(refused!.agent).toContainEqual(from('STRANGER'));
  expect((await loggedOf('110112 RAD-5'))[0]).toMatchObject({ outcomeDesc: '0 matches' });
  const [queried] = await loggedOf('110112 RAD-14');
  expect(queried).toMatchObject({ outcomeDesc: '1 matches', agent: expect.arrayContaining([from(READER)]) });
  const [sent] = await loggedOf('110104 RAD-16');
  expect(sent).toMatchObject({
    outcome: '0',
    outcomeDesc: 'C-GET',
    agent: expect.arrayContaining([from(READER)]),
  });
  expect(sent!.entity).toEqual(
    expect.arrayContaining([
      expect.objectContaining(ofStudy('1')),
      expect.objectContaining({ what: { reference: `ImagingStudy/${study.id}` } }),
      expect.objectContaining({ what: { reference: `Patient/${patient.id}` } }),
    ]),
  );
  const attached = await loggedOf('110108 110124', 4);
  expect(attached.filter(({ agent }) => agent[0]!.who?.identifier?.value === `AET:${READER}`)).toHaveLength(
    2,
  );

  // What came is counted when the transfer is over, at the latest with the end of the bridge.
  await bridge.restart();
  const [received] = await loggedOf('110104 RAD-8');
  expect(received!.entity).toContainEqual(expect.objectContaining(ofStudy('1')));
  expect(await loggedOf('110100 110121')).toHaveLength(1);
  expect(JSON.stringify(await logged())).not.toMatch(/MULLER|Müller|A100/);
});

testWithDcmtk('a peer is named by its Device, and nothing is lost while the server is away', async () => {
  const unit = await medplum.createResource(unitOf(PEER, 'DX'));
  await medplum.createResource({
    resourceType: 'Endpoint',
    status: 'active',
    identifier: [{ system: 'https://maxray.example/fhir/sid/ae-title', value: PEER }],
    connectionType: {
      system: 'https://maxray.example/fhir/CodeSystem/maxray-connection',
      code: 'dicom-dimse',
    },
    payloadType: [{ text: 'DICOM' }],
    address: `dicom://${LOOPBACK}`,
  });
  await bridge.restart();
  await bridge.statusWhen(({ peers }) => peers.source === 'record');
  await bridge.restart({ maxrayUrl: 'http://127.0.0.1:1' });
  expect((await dcmtk('echoscu', to(PEER))).code).toBe(0);
  expect((await bridge.status()).activities.waiting).toBeGreaterThanOrEqual(2);
  await bridge.restart();
  const named = async () =>
    (await logged()).find(({ agent }) => agent.some(({ who }) => who?.reference === `Device/${unit.id}`));
  expect(await until(named)).toMatchObject({ type: { code: '110108' }, subtype: [{ code: '110124' }] });
  await bridge.statusWhen(({ activities }) => activities.waiting === 0);
});
