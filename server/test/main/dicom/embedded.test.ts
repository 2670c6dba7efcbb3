import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { until } from '../../support/program.ts';
import { removeFolder } from '../../support/removeFolder.ts';
import { makeDataDir, startTestServer, type TestServer } from '../../support/server.ts';

const dataDir = makeDataDir();
let server: TestServer;
beforeAll(async () => {
  const dicomEnvironment = { PATH: process.env.PATH!, DICOM_PORT: '0', LOG_LEVEL: 'error' };
  server = await startTestServer({ dataDir, dicom: 'embedded', dicomEnvironment });
});
afterAll(async () => {
  await server.stop();
  removeFolder(dataDir);
});

/** Of the bridge that runs as a child of this process; empty while there is none. */
const pidOfBridge = (): string => {
  try {
    const args = ['-P', String(process.pid), '-f', 'dicom-bridge/src/main.ts'];
    return execFileSync('pgrep', args, { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
};
interface Status {
  peers: { admitted: { aeTitle: string }[] };
}
const status = async (): Promise<{ status: number; body: Status }> => server.api().get('/$dicom-status');
const answers = async () => (await status()).status === 200;
/** It has signed in, and read who is admitted. */
const admits = async (title: string) => {
  const { status: code, body } = await status();
  return code === 200 && body.peers.admitted.some(({ aeTitle }) => aeTitle === title);
};
const ENDPOINT = {
  resourceType: 'Endpoint',
  id: 'unit',
  identifier: [{ system: 'https://maxray.example/fhir/sid/ae-title', value: 'UNIT1' }],
  status: 'active',
  connectionType: { system: 'https://maxray.example/fhir/CodeSystem/maxray-connection', code: 'dicom-dimse' },
  payloadType: [{ text: 'DICOM' }],
  address: 'dicom://127.0.0.1',
};

test('the bridge runs beside the server, comes back when it is killed, asks as itself, and ends with the server', async () => {
  await server.api().put('/Endpoint/unit').send(ENDPOINT).expect(201);
  await until(answers, 'the bridge answers');
  const first = pidOfBridge();
  process.kill(Number(first), 'SIGKILL');
  await until(async () => !(await answers()), 'the server has noticed');
  await until(() => admits('UNIT1'), 'the bridge has read who is admitted');
  const second = pidOfBridge();
  expect([second === first, second]).toEqual([false, expect.stringMatching(/^\d+$/)]);
  await server.stop();
  expect(pidOfBridge()).toBe('');
});
