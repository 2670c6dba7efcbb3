import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newUid } from '../../src/identifiers/uid.ts';
import { MODALITY, openTestBridge, until, type TestBridge } from '../support/bridge.ts';
import { askForCommitment, receiveReports, type CommitmentAsked } from '../support/commitmentPeer.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { DX_CLASS, xray, type TestObject } from '../support/dicomObject.ts';
import { freePort } from '../support/freePort.ts';
import { hasOrthanc, startOrthanc } from '../support/orthanc.ts';

const CT_CLASS = '1.2.840.10008.5.1.4.1.1.2';
const LOOPBACK = '127.0.0.1';
/** Who cannot be told, since nobody knows its port; who may not ask; an Orthanc. */
const [PORTLESS, READER, ORTHANC] = ['PORTLESS', 'READER', 'ORTHANC'];

let bridge: TestBridge;
let folder: string;
let reportPort: number;
let orthancPort: number;
let count = 0;
beforeAll(async () => {
  [reportPort, orthancPort] = [await freePort(), await freePort()];
  bridge = await openTestBridge({
    maxrayUrl: `http://${LOOPBACK}:9`, // nobody is there: commitment is between modality and archive
    allow: [
      { aeTitle: MODALITY, address: LOOPBACK, port: reportPort },
      { aeTitle: PORTLESS, address: LOOPBACK },
      { aeTitle: READER, address: LOOPBACK, port: reportPort, services: ['query-retrieve'] },
      { aeTitle: ORTHANC, address: LOOPBACK, port: orthancPort },
    ],
  });
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-objects-'));
});
afterAll(async () => {
  await bridge.stop();
  rmSync(folder, { recursive: true });
});

async function send(of: Partial<TestObject> = {}): Promise<TestObject> {
  const { object, file } = xray(of);
  const name = path.join(folder, `${(count += 1)}.dcm`);
  writeFileSync(name, file);
  await dcmtk('storescu', ['-aet', MODALITY, '-aec', 'MAXRAY', LOOPBACK, String(bridge.dicomPort), name]);
  return object;
}
const ask = (of: Pick<CommitmentAsked, 'objects'> & Partial<CommitmentAsked>) =>
  askForCommitment({ port: bridge.dicomPort, calling: MODALITY, transactionUid: newUid(), ...of });

testWithDcmtk(
  'a modality is told which of its objects the archive has, and why others are not kept',
  async () => {
    const { reports, stop } = await receiveReports(reportPort);
    try {
      const [kept, other] = [await send(), await send()];
      const changed = await send();
      await send({ ...changed, fill: 2 });
      const unknown = newUid();
      const all = newUid();
      expect(await ask({ transactionUid: all, objects: [[DX_CLASS, kept.sopInstanceUid]] })).toBe(0);
      const some = newUid();
      const objects: CommitmentAsked['objects'] = [
        [DX_CLASS, kept.sopInstanceUid],
        [CT_CLASS, other.sopInstanceUid],
        [DX_CLASS, changed.sopInstanceUid],
        [DX_CLASS, unknown],
      ];
      expect(await ask({ transactionUid: some, objects })).toBe(0);
      await until(
        () => Promise.resolve(reports.length),
        (told) => told === 2,
      );
      expect(reports.find(({ transactionUid }) => transactionUid === all)).toEqual({
        eventType: 1,
        transactionUid: all,
        committed: [kept.sopInstanceUid],
        failed: {},
      });
      expect(reports.find(({ transactionUid }) => transactionUid === some)).toEqual({
        eventType: 2,
        transactionUid: some,
        committed: [kept.sopInstanceUid],
        failed: { [other.sopInstanceUid]: 0x0119, [changed.sopInstanceUid]: 0x0110, [unknown]: 0x0112 },
      });
    } finally {
      await stop();
    }
  },
);

testWithDcmtk('who is away is told later, also by the next bridge', async () => {
  const { sopInstanceUid } = await send();
  const asked = { transactionUid: newUid(), objects: [[DX_CLASS, sopInstanceUid] as const] };
  expect(await ask(asked)).toBe(0);
  expect(await ask(asked)).toBe(0); // the same again is the same
  await until(bridge.status, ({ faults }) =>
    faults.some(({ event }) => event === 'storage commitment not reported'),
  );
  await bridge.restart();
  const { reports, stop } = await receiveReports(reportPort);
  try {
    await until(
      () => Promise.resolve(reports.length),
      (told) => told > 0,
    );
    expect(reports).toEqual([expect.objectContaining({ eventType: 1, committed: [sopInstanceUid] })]);
  } finally {
    await stop();
  }
});

const known = [[DX_CLASS, '1.2.3']] as const;
test.each<[what: string, of: Partial<CommitmentAsked>, status: number | undefined]>([
  ['no objects', { objects: [] }, 0x0115],
  ['an object without a valid UID', { objects: [[DX_CLASS, '../1']] }, 0x0115],
  ['a transaction without a valid UID', { transactionUid: '1..2' }, 0x0115],
  ['another action', { actionType: 2 }, 0x0123],
  ['another instance', { instance: '1.2.3' }, 0x0112],
  ['nobody who can be told', { calling: PORTLESS }, 0x0110],
  ['somebody who may not', { calling: READER }, undefined],
])('a request with %s is refused', async (_what, of, status) => {
  expect(await ask({ objects: [...known], ...of })).toBe(status);
});

(hasOrthanc() ? testWithDcmtk : test.skip)('Orthanc hears that its object is kept', async () => {
  const { sopInstanceUid } = await send();
  const { options, stop } = await startOrthanc({ dicomPort: orthancPort });
  try {
    const authorization = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`;
    const orthanc = async (method: string, at: string, body?: unknown): Promise<Record<string, unknown>> => {
      const sent = {
        method,
        headers: { authorization },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      const text = await (await fetch(options.url + at, sent)).text();
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    };
    await orthanc('PUT', '/modalities/maxray', { AET: 'MAXRAY', Host: LOOPBACK, Port: bridge.dicomPort });
    const instances = [{ SOPClassUID: DX_CLASS, SOPInstanceUID: sopInstanceUid }];
    const { ID: id } = await orthanc('POST', '/modalities/maxray/storage-commitment', {
      DicomInstances: instances,
    });
    const report = await until(
      () => orthanc('GET', `/storage-commitment/${String(id)}`),
      ({ Status: status }) => status !== 'Pending',
    );
    expect(report).toMatchObject({ Status: 'Success', RemoteAET: 'MAXRAY' });
  } finally {
    await stop();
  }
});
