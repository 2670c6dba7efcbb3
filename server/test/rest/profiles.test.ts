import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServer, type TestServer } from '../support/server.ts';
import { FHIR, fhir } from './support.ts';

const URL = 'http://example.org/StructureDefinition/named-patient';
const PATIENT = { resourceType: 'Patient', meta: { profile: [URL] } };
/** Another server asks once a second. */
const NOTICED_MS_MAX = 60_000;

const profile = (element: string, version = '1') => ({
  resourceType: 'StructureDefinition',
  id: 'named-patient',
  url: URL,
  version,
  name: 'NamedPatient',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  derivation: 'constraint',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  differential: { element: [{ id: `Patient.${element}`, path: `Patient.${element}`, min: 1 }] },
});

const servers: TestServer[] = [];
beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  for (let i = 0; i < 2; i++) servers.push(await startTestServer({ validation: 'profiles', databaseSchema }));
});
afterAll(async () => {
  for (const server of servers) await server.stop();
});

const on = (server: number) => servers[server]!.api();
const create = (server: number, resource: object) =>
  on(server).post('/Patient').set('Content-Type', FHIR).send(fhir(resource));
const put = (server: number, resource: { resourceType: string; id: string }) =>
  on(server).put(`/${resource.resourceType}/${resource.id}`).set('Content-Type', FHIR).send(fhir(resource));
const missing = (status: number, body: { issue?: { expression?: string[] }[] }) =>
  status === 422 ? body.issue?.map(({ expression }) => expression?.[0]) : status;

describe('profiles that are stored', () => {
  test('count from their write on, on every server, and until they are deleted', async () => {
    const unknown = await create(0, PATIENT);
    expect(unknown.status).toBe(201);
    await put(0, profile('name'));
    const first = await create(0, PATIENT);
    expect(missing(first.status, first.body)).toEqual(['Patient.name']);
    expect((await create(0, { ...PATIENT, name: [{ text: 'x' }] })).status).toBe(201);
    const other = async () => {
      const { status, body } = await create(1, PATIENT);
      return missing(status, body);
    };
    expect(await until(other, ['Patient.name'])).toEqual(['Patient.name']);
    await put(1, profile('gender'));
    expect(await other()).toEqual(['Patient.gender']);
    const again = async () => {
      const { status, body } = await create(0, PATIENT);
      return missing(status, body);
    };
    expect(await until(again, ['Patient.gender'])).toEqual(['Patient.gender']);
    await on(0).delete('/StructureDefinition/named-patient');
    expect((await create(0, PATIENT)).status).toBe(201);
  });

  test('stand in the CapabilityStatement', async () => {
    await put(0, profile('name', '2'));
    const { body } = await on(0).get('/metadata');
    const patient = body.rest[0].resource.find(({ type }: { type: string }) => type === 'Patient');
    expect(patient.supportedProfile).toEqual([`${URL}|2`]);
    expect(body.implementationGuide).toBeUndefined();
    const guide = {
      resourceType: 'ImplementationGuide',
      id: 'own',
      url: 'http://example.org/ImplementationGuide/own',
      version: '3',
      name: 'Own',
      status: 'active',
      packageId: 'org.example.own',
      fhirVersion: ['4.0.1'],
    };
    expect((await put(0, guide)).status).toBe(201);
    const after = await on(0).get('/metadata');
    expect(after.body.implementationGuide).toEqual(['http://example.org/ImplementationGuide/own|3']);
  });
});

async function until<T>(ask: () => Promise<T>, wanted: unknown): Promise<T> {
  const start = performance.now();
  let answer = await ask();
  while (JSON.stringify(answer) !== JSON.stringify(wanted) && performance.now() - start < NOTICED_MS_MAX) {
    await sleep(100);
    answer = await ask();
  }
  return answer;
}
