import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { startReceiver, type Receiver } from './support/receiver.ts';
import { reaches, subscribe } from './support/sending.ts';
import { completedTopic, encounter, plainSubscription, topicSubscription } from './support/subscriptions.ts';

const TOPIC = 'http://example.org/topics/completed';
let server: TestServer;
let people: People;
let receiver: Receiver;
const api = () => server.api();
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  receiver = await startReceiver();
  await people.put({ ...completedTopic(TOPIC), id: 'completed' });
});
afterAll(async () => {
  await server.stop();
  receiver.close();
});

const as = (authorization: string) => () =>
  request.agent(`${server.url}/fhir/R4`).set('Authorization', authorization);
const named = (resource: { parameter: { name: string }[] }, name: string) =>
  resource.parameter.filter((one) => one.name === name) as unknown as { part: Record<string, unknown>[] }[];

/** A client that sees Encounters of one patient only. */
async function limited(id: string, patient: string) {
  await people.policy(`${id}-policy`, [
    { resourceType: 'Encounter', criteria: `Encounter?subject=Patient/${patient}` },
    { resourceType: 'Subscription' },
    { resourceType: 'Basic', interaction: ['read', 'search'] },
  ]);
  return as(await people.client(id, { profile: 'Practitioner/x', policies: [`${id}-policy`] }));
}

test('the state and the events of a Subscription can be asked for', async () => {
  const id = await subscribe(
    api,
    topicSubscription(TOPIC, `${receiver.url}/asked`, { filters: ['Encounter?subject=Patient/asked'] }),
  );
  await reaches(api, id, 'active');
  for (const one of ['a1', 'a2', 'a3']) await people.put(encounter(one, 'finished', 'asked'));
  await receiver.gets(/asked/, 4);
  const { body: state } = await api().get(`/Subscription/${id}/$status`).expect(200);
  expect(state).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 });
  const { resource } = state.entry[0];
  expect(named(resource, 'events-since-subscription-start')).toMatchObject([{ valueString: '3' }]);
  expect(named(resource, 'type')).toMatchObject([{ valueCode: 'query-status' }]);
  const { body: all } = await api().get(`/Subscription/$status?id=${id}&id=other&status=active`).expect(200);
  expect(all.total).toBe(1);
  expect((await api().get(`/Subscription/$status?id=${id}&status=off`).expect(200)).body.total).toBe(0);

  const { body: events } = await api()
    .get(`/Subscription/${id}/$events?eventsSinceNumber=2&content=full-resource`)
    .expect(200);
  expect(events).toMatchObject({ resourceType: 'Bundle', type: 'history' });
  const numbers = named(events.entry[0].resource, 'notification-event').map(
    ({ part }) => part[0]!.valueString,
  );
  expect(numbers).toEqual(['2', '3']);
  expect(events.entry[2].resource).toMatchObject({ resourceType: 'Encounter', id: 'a3' });
  const { body: first } = await api().get(`/Subscription/${id}/$events?eventsUntilNumber=1`).expect(200);
  expect(named(first.entry[0].resource, 'notification-event')).toHaveLength(1);
  const { body: whole } = await api().get(`/Subscription/${id}/$events?eventsSinceNumber=0`).expect(200);
  expect(named(whole.entry[0].resource, 'notification-event')).toHaveLength(3);
  await api().get(`/Subscription/${id}/$events?eventsSinceNumber=x`).expect(400);
  await api().get(`/Subscription/${id}/$events?content=all`).expect(400);
  await api().get('/Subscription/none/$events').expect(404);
});

test('metadata tells of the topics that are offered, and where WebSockets are opened', async () => {
  const retired = completedTopic('http://example.org/topics/retired');
  const status = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.status';
  const modifierExtension = [{ url: status, valueCode: 'retired' }];
  await people.put({ ...retired, id: 'retired', modifierExtension });
  const { body } = await api().get('/metadata').expect(200);
  expect(body.instantiates).toContain(
    'http://hl7.org/fhir/uv/subscriptions-backport/CapabilityStatement/backport-subscription-server-r4',
  );
  const [rest] = body.rest;
  expect(rest.extension).toEqual([
    {
      url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket',
      valueUri: `${server.url.replace('http', 'ws')}/ws/subscriptions-r4`,
    },
  ]);
  const { extension, supportedProfile } = rest.resource.find(
    ({ type }: { type: string }) => type === 'Subscription',
  );
  expect(extension.map(({ valueCanonical }: { valueCanonical: string }) => valueCanonical)).toEqual([TOPIC]);
  expect(supportedProfile).toEqual([
    'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription',
  ]);
  await api().post('/CapabilityStatement/$validate').send(body).expect(200);
});

test('what is shown of events is recorded', async () => {
  const id = await subscribe(
    api,
    topicSubscription(TOPIC, `${receiver.url}/seen`, { filters: ['Encounter?subject=Patient/seen'] }),
  );
  await reaches(api, id, 'active');
  await people.put(encounter('s1', 'finished', 'seen'));
  await receiver.gets(/seen/, 2);
  await api().get(`/Subscription/${id}/$events?content=full-resource`).expect(200);
  // Records of reads are in the log a moment later.
  for (let total = 0; total === 0; await sleep(100)) {
    const { body } = await api().get('/AuditEvent?patient=seen&subtype=operation&_count=1').expect(200);
    total = body.entry?.length ?? 0;
  }
});

test('subscribers are told only of what they may see, and their numbers tell nothing of the rest', async () => {
  const mine = await limited('of-mine', 'mine');
  const id = await subscribe(
    mine,
    topicSubscription(TOPIC, `${receiver.url}/mine`, { content: 'full-resource' }),
  );
  const plain = await subscribe(mine, plainSubscription('Encounter', `${receiver.url}/plain-mine`));
  await people.put(encounter('m1', 'finished', 'other'));
  await people.put(encounter('m2', 'finished', 'mine'));
  await people.put(encounter('m3', 'finished', 'other'));
  await people.put(encounter('m4', 'finished', 'mine'));
  const got = (await receiver.gets(/^\/mine/, 3)).slice(1).map(({ body }) => JSON.parse(body));
  expect(got.map((bundle) => bundle.entry[1].resource.id)).toEqual(['m2', 'm4']);
  expect(got.map((bundle) => named(bundle.entry[0].resource, 'notification-event')[0]!.part[0])).toEqual([
    { name: 'event-number', valueString: '1' },
    { name: 'event-number', valueString: '2' },
  ]);
  const paths = (await receiver.gets(/^\/plain-mine/, 2)).map(({ path }) => path);
  expect(paths).toEqual(['/plain-mine/Encounter/m2', '/plain-mine/Encounter/m4']);
  // Whoever may read the Subscription sees of its events what it may see itself.
  const theirs = await limited('of-theirs', 'theirs');
  const { body } = await theirs().get(`/Subscription/${id}/$events?content=full-resource`).expect(200);
  expect(body.entry).toHaveLength(1);
  await theirs().get(`/Subscription/${id}/$signing-key`).expect(403);
  await mine().get(`/Subscription/${id}/$signing-key`).expect(200);
  expect(plain).toBeDefined();
});

test('what a subscriber may see is asked again when it is told', async () => {
  const mine = await limited('changing', 'changing');
  let isHeld = true;
  receiver.answerBy((one, response) =>
    response
      .writeHead(isHeld && one.path.startsWith('/changing') && one.body.includes('event-') ? 500 : 204)
      .end(),
  );
  await subscribe(mine, topicSubscription(TOPIC, `${receiver.url}/changing`, { content: 'full-resource' }));
  await people.put(encounter('c1', 'finished', 'changing'));
  await receiver.gets(/changing/, 2);
  await people.policy('changing-policy', [{ resourceType: 'Subscription' }]);
  // One attempt may have been on its way.
  const count = (await receiver.gets(/changing/, 2)).length;
  await receiver.gets(/changing/, count + 1);
  isHeld = false;
  const last = (await receiver.gets(/changing/, count + 2)).at(-1)!;
  expect(JSON.parse(last.body).entry).toHaveLength(1);
  expect(last.body).not.toMatch(/Encounter/);
  expect(last.body).toMatch(/"event-number","valueString":"1"/);
});

test('who wrote a Subscription cannot be forged', async () => {
  const mine = await limited('forger', 'forger');
  const { body: admins } = await api()
    .post('/Subscription')
    .send(plainSubscription('Encounter?_id=never', `${receiver.url}/admins`))
    .expect(201);
  const { id: _id, ...copy } = { ...admins, criteria: 'Encounter' };
  copy.channel = { ...copy.channel, endpoint: `${receiver.url}/forged` };
  const { body: forged } = await mine().post('/Subscription').send(copy).expect(201);
  const patch = [{ op: 'replace', path: '/channel/endpoint', value: `${receiver.url}/forged-too` }];
  const patched = await mine()
    .patch(`/Subscription/${admins.id}`)
    .set('Content-Type', 'application/json-patch+json')
    .send(JSON.stringify([...patch, { op: 'replace', path: '/criteria', value: 'Encounter' }]))
    .expect(200);
  for (const { extension } of [forged, patched.body]) {
    expect(extension).toHaveLength(1);
    expect(extension[0].extension).toEqual(
      expect.arrayContaining([{ url: 'client', valueString: 'forger' }]),
    );
  }
  await people.put(encounter('f1', 'finished', 'somebody'));
  await people.put(encounter('f2', 'finished', 'forger'));
  const got = [...(await receiver.gets(/^\/forged\//, 1)), ...(await receiver.gets(/^\/forged-too\//, 1))];
  expect(got.map(({ path }) => path)).toEqual(['/forged/Encounter/f2', '/forged-too/Encounter/f2']);
});

test('what was given up is for administrators', async () => {
  const mine = await limited('nosy', 'nosy');
  await mine().get('/Subscription/$dead-letters').expect(403);
  const settle = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'action', valueCode: 'replay' },
      { name: 'subscription', valueId: 'x' },
    ],
  };
  await mine().post('/Subscription/$dead-letters').send(settle).expect(403);
  const { body } = await api().get('/Subscription/$dead-letters').expect(200);
  expect(body).toEqual({ resourceType: 'Parameters' });
  await api().post('/Subscription/$dead-letters').send(settle).expect(404);
  await api().get('/Subscription/$dead-letters?after=x').expect(400);
});
