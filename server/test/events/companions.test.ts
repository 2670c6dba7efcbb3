import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { startReceiver, type Receiver } from './support/receiver.ts';
import { reaches, subscribe } from './support/sending.ts';
import { accompaniedTopic, encounter, topicSubscription } from './support/subscriptions.ts';

const TOPIC = 'http://example.org/topics/accompanied';
let server: TestServer;
let people: People;
let receiver: Receiver;
const api = () => server.api();
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  receiver = await startReceiver();
  await people.put({ ...accompaniedTopic(TOPIC), id: 'accompanied' });
  await people.put({ resourceType: 'Patient', id: 'p1', gender: 'other' });
  await people.put(encounter('e1', 'in-progress'));
  for (const id of ['o1', 'o2'])
    await people.put({
      ...{ resourceType: 'Observation', id, status: 'final', code: { text: id } },
      ...{ subject: { reference: 'Patient/p1' }, encounter: { reference: 'Encounter/e1' } },
    });
});
afterAll(async () => {
  await server.stop();
  receiver.close();
});

interface Entry {
  fullUrl: string;
  resource?: { resourceType: string; parameter: { name: string; part: Part[] }[] };
  request: { method: string };
}
interface Part {
  name: string;
  valueReference?: { reference: string };
}
const bundleOf = (text: string) => JSON.parse(text) as { entry: Entry[] };
const named = ({ entry }: { entry: Entry[] }) =>
  entry.slice(1).map(({ fullUrl }) => fullUrl.split('/').slice(-2).join('/'));
const additional = ({ entry }: { entry: Entry[] }) =>
  entry[0]!
    .resource!.parameter.filter(({ name }) => name === 'notification-event')
    .flatMap(({ part }) => part)
    .filter(({ name }) => name === 'additional-context')
    .map(({ valueReference }) => valueReference!.reference.split('/').slice(-2).join('/'));

test('what the shape of a topic names comes along, as much of it as is asked for', async () => {
  for (const content of ['full-resource', 'id-only', 'empty']) {
    const resource = topicSubscription(TOPIC, `${receiver.url}/${content}`, { content });
    await reaches(api, await subscribe(api, resource), 'active');
  }
  await people.put(encounter('e1', 'finished'));
  const got = async (path: string) => bundleOf((await receiver.gets(new RegExp(`^/${path}$`), 2))[1]!.body);
  const full = await got('full-resource');
  expect(named(full)[0]).toBe('Encounter/e1');
  expect(named(full).slice(1).sort()).toEqual(['Observation/o1', 'Observation/o2', 'Patient/p1']);
  expect(additional(full).sort()).toEqual(['Observation/o1', 'Observation/o2', 'Patient/p1']);
  expect(full.entry.find(({ fullUrl }) => fullUrl.endsWith('Patient/p1'))).toMatchObject({
    resource: { resourceType: 'Patient', gender: 'other' },
    request: { method: 'GET' },
  });
  const ids = await got('id-only');
  expect(named(ids).sort()).toEqual(named(full).sort());
  expect(ids.entry.slice(1).filter(({ resource }) => resource !== undefined)).toEqual([]);
  const empty = await got('empty');
  expect([named(empty), additional(empty)]).toEqual([[], []]);
});

test('nothing comes along that whoever is told may not see at that moment', async () => {
  const policy = (also: { resourceType: string; criteria?: string }[]) =>
    people.policy('some', [
      ...['Encounter', 'Subscription', 'Basic'].map((resourceType) => ({ resourceType })),
      ...also,
    ]);
  await policy([{ resourceType: 'Observation', criteria: 'Observation?_id=o2' }]);
  const authorization = await people.client('some', { profile: 'Practitioner/x', policies: ['some'] });
  const some = () => request.agent(`${server.url}/fhir/R4`).set('Authorization', authorization);
  const resource = topicSubscription(TOPIC, `${receiver.url}/some`, { content: 'full-resource' });
  const id = await subscribe(some, resource);
  await reaches(api, id, 'active');
  await people.put(encounter('e1', 'cancelled'));
  const first = bundleOf((await receiver.gets(/^\/some$/, 2))[1]!.body);
  expect(named(first)).toEqual(['Encounter/e1', 'Observation/o2']);
  const { body: own } = await some().get(`/Subscription/${id}/$events`).expect(200);
  expect(named(own)).toEqual(['Encounter/e1', 'Observation/o2']);
  // Whoever else may read the Subscription sees what that one may.
  const { body: theirs } = await api().get(`/Subscription/${id}/$events`).expect(200);
  expect(named(theirs)).toHaveLength(4);
  await policy([]);
  await people.put(encounter('e1', 'finished'));
  const second = bundleOf((await receiver.gets(/^\/some$/, 3))[2]!.body);
  expect(named(second)).toEqual(['Encounter/e1']);
});

test.each(['Encounter:nothing', '_sort=date', 'Nothing'])('the include %s is refused', async (include) => {
  const { body } = await api()
    .post('/Basic')
    .send(accompaniedTopic('http://x.example/t', include))
    .expect(400);
  expect(body.issue[0].expression).toEqual(['Basic.extension']);
});
