import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadProfiles } from '@maxray/fhir-profiles';
import type { RunningServer } from '../../src/main.ts';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import { reindexed } from '../support/searchParameters.ts';
import { startTestServer } from '../support/server.ts';
import { SUBSCRIPTION_PROFILE } from '../../src/rest/interactions/subscriptionCapabilities.ts';

const PROFILE = 'https://maxray.example/fhir/StructureDefinition/maxray-';

let server: RunningServer;
let client: Client;
beforeAll(async () => {
  server = await startTestServer({ demo: true });
  client = clientOf(server.url);
  await reindexed(client);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

interface Found {
  id: string;
  meta: { profile?: string[] };
}

async function found(search: string): Promise<Found[]> {
  const { status, text } = await client.send(search);
  expect([search, status]).toEqual([search, 200]);
  const { entry = [] } = JSON.parse(text) as { entry?: { resource: Found }[] };
  return entry.map(({ resource }) => resource);
}

describe('the demo is found by the search parameters of its profiles', () => {
  test.each([
    ['Appointment?geofence=Location/demo-area', 'geofenced-appointment'],
    ['Encounter?geofence=Location/demo-area', 'geofenced-encounter'],
    ['Encounter?geofence:missing=false', 'geofenced-encounter'],
    ['Task?location=Location/demo-01-home', 'dispatch-task'],
    ['Task?location.near=33.45|-112.07|200|km', 'dispatch-task'],
    ['Device?modality=http://dicom.nema.org/resources/ontology/DCM|DX', 'xray-unit'],
    ['Coverage?patient=Patient/demo-patient-01&period=ge2026-03-01&period=le2026-03-01', 'coverage'],
    ['Claim?coverage=Coverage/demo-01-coverage-1', 'claim'],
    ['Claim?coverage.period=ge2026-03-01&_count=5', 'claim'],
  ])('%s', async (search, profile) => {
    const resources = await found(search);
    expect(resources.length).toBeGreaterThan(0);
    for (const { meta } of resources) expect(meta.profile).toEqual([`${PROFILE}${profile}`]);
  });

  test('and not by what is not so', async () => {
    expect(await found('Device?modality=US')).toEqual([]);
    expect(await found('Coverage?patient=Patient/demo-patient-01&period=ge2031')).toEqual([]);
    expect((await found('Encounter?geofence:missing=true&class=VR')).length).toBeGreaterThan(0);
  });
});

test('the profiles are there to be read, and found by their canonical URL', async () => {
  const [claim] = await found(`StructureDefinition?url=${PROFILE}claim`);
  expect(claim).toMatchObject({ id: 'maxray-claim', type: 'Claim', derivation: 'constraint' });
  expect((await found(`Claim?_profile=${PROFILE}claim&_count=1`)).length).toBe(1);
});

test('metadata tells of the profiles, each with its type', async () => {
  const { text } = await client.send('metadata');
  const { rest } = JSON.parse(text) as {
    rest: { resource: { type: string; supportedProfile?: string[] }[] }[];
  };
  const profiles = loadProfiles().flatMap((one) =>
    one.resourceType === 'StructureDefinition' && one.kind === 'resource' ? [[one.type, one.url]] : [],
  );
  const told = rest[0]!.resource.flatMap(({ type, supportedProfile = [] }) =>
    supportedProfile.map((url) => [type, url.split('|')[0]]),
  );
  expect(told.sort()).toEqual([...profiles, ['Subscription', SUBSCRIPTION_PROFILE]].sort());
});
