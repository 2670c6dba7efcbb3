import { MedplumClient } from '@medplum/core';
import type { Patient } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMINISTRATOR } from '../../support/administrator.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const people = new People(server);
  await people.put({ resourceType: 'Patient', id: 'ann', name: [{ family: 'Alpha' }] });
  await people.put({ resourceType: 'Patient', id: 'ben', name: [{ family: 'Beta' }] });
});
afterAll(() => server.stop());

const client = () => new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', fetch });

test('by client credentials: signs in, searches, reads, writes', async () => {
  const medplum = client();
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  const found = await medplum.searchResources('Patient', 'family=alpha');
  expect(found.map(({ id }) => id)).toEqual(['ann']);
  const made = await medplum.createResource<Patient>({ resourceType: 'Patient', active: true });
  expect(await medplum.readResource('Patient', made.id)).toEqual(made);
  const changed = await medplum.updateResource({ ...made, active: false });
  expect(changed.meta?.versionId).toBe('2');
  await medplum.deleteResource('Patient', made.id);
  await expect(medplum.readResource('Patient', made.id, { cache: 'reload' })).rejects.toThrow();
});
