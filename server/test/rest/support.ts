import { afterAll, beforeAll } from '@jest/globals';
import request from 'supertest';
import type { Config } from '../../src/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Starts a server for a test file; `api()` is supertest on its FHIR base. */
export function serverForFile(overrides: Partial<Config> = {}) {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(overrides);
  });
  afterAll(() => server.stop());
  return {
    root: () => request(server.url),
    /** Signed in as one who may do everything. */
    api: () => server.api(),
    authorization: () => server.authorization,
    /** fetch below the FHIR base, or by a whole URL of the server; signed in likewise. */
    fetchFhir: (path: string, init: RequestInit = {}) =>
      fetch(path.startsWith('http') ? path : `${server.url}/fhir/R4${path}`, {
        ...init,
        headers: { Authorization: server.authorization, ...(init.headers as Record<string, string>) },
      }),
    base: () => `${server.url}/fhir/R4`,
  };
}

export const FHIR = 'application/fhir+json';

/** Body of a resource as it is sent: supertest would else send it as plain JSON, which is fine too. */
export const fhir = (resource: object | string) =>
  typeof resource === 'string' ? resource : JSON.stringify(resource);
