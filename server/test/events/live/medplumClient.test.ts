import { MedplumClient, type SubscriptionEventMap } from '@medplum/core';
import type { Bundle, Encounter, SubscriptionStatus } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { encounter } from '../support/subscriptions.ts';

const CLIENT = 'https://maxray.example/fhir/StructureDefinition/maxray-client';
let server: TestServer;
let people: People;
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
});
afterAll(() => server.stop());

/** MedplumClient subscribes only for somebody whose profile it knows: from an access token that is a JWT. */
async function signedIn(): Promise<MedplumClient> {
  await people.put({ resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Doc' }] });
  const extension = [
    { url: `${CLIENT}-access-token-format`, valueCode: 'jwt' },
    { url: `${CLIENT}-first-party`, valueBoolean: true },
  ];
  const redirectUris = ['https://app.example/callback'];
  const app = { resourceType: 'ClientApplication', id: 'first-party-app', name: 'App' };
  await people.put({ ...app, redirectUris, extension });
  await people.policy('subscribing', [
    { resourceType: 'Encounter' },
    { resourceType: 'Subscription' },
    { resourceType: 'Practitioner' },
  ]);
  const doc = await people.person('doc', { profile: 'Practitioner/doc', policies: ['subscribing'] });
  const { access_token: accessToken } = await people.tokens(doc, 'openid fhirUser user/*.cruds');
  const medplum = new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', fetch });
  await medplum.setActiveLogin({
    accessToken: accessToken!,
    profile: { reference: 'Practitioner/doc' },
    project: { reference: 'Project/maxray' },
  } as Parameters<MedplumClient['setActiveLogin']>[0]);
  expect(medplum.getProfile()?.id).toBe('doc');
  return medplum;
}

test('it subscribes to criteria, is told, and goes on after its connection broke', async () => {
  const medplum = await signedIn();
  const told: Bundle[] = [];
  let connected = 0;
  const criteria = 'Encounter?subject=Patient/ann';
  const emitter = medplum.subscribeToCriteria(criteria);
  emitter.addEventListener('connect', () => (connected += 1));
  emitter.addEventListener('message', ({ payload }: SubscriptionEventMap['message']) => told.push(payload));
  const until = async (holds: () => boolean) => {
    while (!holds()) await sleep(20);
  };
  await until(() => connected === 1);
  await people.put(encounter('e1', 'finished', 'ann'));
  await until(() => told.length === 1);
  const [status, event] = told[0]!.entry!.map(({ resource }) => resource);
  expect(status as SubscriptionStatus).toMatchObject({ type: 'event-notification' });
  expect(event as Encounter).toMatchObject({ resourceType: 'Encounter', id: 'e1', status: 'finished' });
  medplum.getSubscriptionManager().getWebSocket().reconnect();
  await until(() => connected === 2);
  await people.put(encounter('e2', 'finished', 'ann'));
  await until(() => told.length === 2);
  expect(told[1]!.entry![1]!.resource).toMatchObject({ id: 'e2' });
  medplum.unsubscribeFromCriteria(criteria);
  medplum.getSubscriptionManager().closeWebSocket();
});
