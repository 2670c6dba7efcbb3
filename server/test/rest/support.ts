import { afterAll, beforeAll } from '@jest/globals';
import request from 'supertest';
import type { Config } from '../../src/config.ts';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';

/** Starts a server for a test file; `api()` is supertest on its FHIR base. */
export function serverForFile(overrides: Partial<Config> = {}) {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTestServer(overrides);
  });
  afterAll(() => server.stop());
  return {
    root: () => request(server.url),
    api: () => request(`${server.url}/fhir/R4`),
    base: () => `${server.url}/fhir/R4`,
  };
}

export const FHIR = 'application/fhir+json';

/** Body of a resource as it is sent: supertest would else send it as plain JSON, which is fine too. */
export const fhir = (resource: object | string) =>
  typeof resource === 'string' ? resource : JSON.stringify(resource);
