import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import { freePort } from '../../../dicom-bridge/test/support/freePort.ts';
import { ADMINISTRATOR } from '@maxray/server/test/support/administrator.ts';
import { removeFolder } from '@maxray/server/test/support/removeFolder.ts';
import { makeDataDir, startTestServer, type TestServer } from '@maxray/server/test/support/server.ts';
import { until } from '../../xray/server.ts';
import { walkThrough } from '../../xray/walkthrough.ts';

const READY_MS = 240_000;

const dataDir = makeDataDir();
let server: TestServer;
let port: number;
beforeAll(async () => {
  port = await freePort();
  const dicomEnvironment = { PATH: process.env.PATH!, DICOM_PORT: String(port), LOG_LEVEL: 'error' };
  server = await startTestServer({ dataDir, demo: true, bots: 'demo', dicom: 'embedded', dicomEnvironment });
});
afterAll(async () => {
  await server.stop();
  removeFolder(dataDir);
});

test('an X-ray is ordered, taken, stored, reported and charged, and all of it can be opened', async () => {
  const medplum = new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', maxRetries: 0 });
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  const steps: string[] = [];
  const links: string[] = [];
  const say = (step: string, ...shown: string[]): void => {
    steps.push(step);
    links.push(...shown);
  };
  await walkThrough({ medplum, root: server.url, dicom: { host: '127.0.0.1', port, called: 'MAXRAY' }, say });
  expect(steps).toHaveLength(12);
  expect(steps.at(-1)).toBe('The visit is over. Its bill: 490.5 USD.'); // an emergency response, and an ankle
  const headers = { Authorization: server.authorization, Accept: '*/*' };
  /** The first who asks for the viewer is told to come again: it is bundled then. */
  const statusOf = (link: string) =>
    until(`${link} is there`, READY_MS, async () => {
      const { status } = await fetch(link, { headers });
      return status === 503 ? undefined : status;
    });
  const answers = await Promise.all(links.map(async (link) => [link, await statusOf(link)]));
  expect(answers).toEqual(links.map((link) => [link, 200]));
});
