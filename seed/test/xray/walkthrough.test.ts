import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import fs from 'node:fs';
import { freePort } from '../../../dicom-bridge/test/support/freePort.ts';
import { ADMINISTRATOR } from '@maxray/server/test/support/administrator.ts';
import { makeDataDir, startTestServer, type TestServer } from '@maxray/server/test/support/server.ts';
import { walkThrough } from '../../xray/walkthrough.ts';

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
  fs.rmSync(dataDir, { recursive: true });
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
  const answers = await Promise.all(
    links.map(async (link) => [link, (await fetch(link, { headers })).status]),
  );
  expect(answers).toEqual(links.map((link) => [link, 200]));
});
