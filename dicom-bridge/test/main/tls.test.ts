import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newUid } from '../../src/identifiers/uid.ts';
import { openTestBridge, type TestBridge } from '../support/bridge.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { createStep, setStep, type Teller } from '../support/mpps.ts';

const LOOPBACK = '127.0.0.1';
let folder: string;
let bridge: TestBridge;
let certFile: Certificates['certFile'];
let keyFile: Certificates['keyFile'];
let fingerprintOf: Certificates['fingerprintOf'];
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-tls-'));
  ({ certFile, keyFile, fingerprintOf } = makeCertificates(folder, ['bridge', 'unit', 'other', 'stranger']));
  const trusted = path.join(folder, 'trusted.pem');
  writeFileSync(trusted, ['unit', 'other'].map((name) => readFileSync(certFile(name), 'utf8')).join(''));
  bridge = await openTestBridge({
    maxrayUrl: 'http://127.0.0.1:9', // nothing is there
    tls: { port: 0, certFile: certFile('bridge'), keyFile: keyFile('bridge'), caFile: trusted },
    allow: [
      {
        aeTitle: 'PINNED',
        address: LOOPBACK,
        isTls: true,
        certificate: fingerprintOf('unit'),
      },
      { aeTitle: 'TLS', address: LOOPBACK, isTls: true },
    ],
  });
});
afterAll(async () => {
  await bridge.stop();
  rmSync(folder, { recursive: true });
});

/** Whether an echo with a certificate, or without TLS, is answered. */
async function echoes(aeTitle: string, certificate: string | undefined): Promise<boolean> {
  const to = ['-aet', aeTitle, '-aec', 'MAXRAY', LOOPBACK];
  const tls = (name: string) => ['+tls', keyFile(name), certFile(name), '+cf', certFile('bridge')];
  const args =
    certificate === undefined
      ? [...to, String(bridge.dicomPort)]
      : [...tls(certificate), ...to, String(bridge.tlsPort)];
  return (await dcmtk('echoscu', args)).code === 0;
}

testWithDcmtk(
  'over TLS a peer shows a certificate of its own, and where one is named, that one',
  async () => {
    expect(await echoes('PINNED', 'unit')).toBe(true);
    expect(await echoes('PINNED', 'other')).toBe(false);
    expect(await echoes('TLS', 'other')).toBe(true);
    expect(await echoes('TLS', 'stranger')).toBe(false);
  },
);

testWithDcmtk('whom the record says to speak TLS is not admitted without', async () => {
  expect(await echoes('TLS', undefined)).toBe(false);
  expect(await echoes('PINNED', undefined)).toBe(false);
  const { faults } = await bridge.status();
  expect(faults[0]).toMatchObject({ event: 'association refused', details: { peer: 'PINNED' } });
});

test('a step that was begun with a certificate goes on with that one only', async () => {
  const teller = (name: string): Teller => {
    const [key, cert, ca] = [keyFile(name), certFile(name), certFile('bridge')].map((file) =>
      readFileSync(file),
    );
    return { aeTitle: 'TLS', tls: { key: key!, cert: cert!, ca: ca! } };
  };
  const step = newUid();
  const begun = {
    PerformedProcedureStepID: 'S1',
    PerformedStationAETitle: 'TLS',
    PerformedProcedureStepStartDate: '20261202',
    PerformedProcedureStepStartTime: '090000',
    PerformedProcedureStepStatus: 'IN PROGRESS',
    Modality: 'DX',
    ScheduledStepAttributesSequence: [{ StudyInstanceUID: newUid() }],
  };
  const ended = { PerformedProcedureStepStatus: 'COMPLETED' };
  const port = bridge.tlsPort!;
  expect(await createStep(port, step, begun, teller('unit'))).toMatchObject({ status: 0 });
  expect(await setStep(port, step, ended, teller('other'))).toMatchObject({ status: 0x0124 });
  expect(await setStep(port, step, ended, teller('unit'))).toMatchObject({ status: 0 });
});
