import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { startReceiver, type Receiver } from './support/receiver.ts';
import { reaches, subscribe } from './support/sending.ts';
import { completedTopic, encounter, topicSubscription } from './support/subscriptions.ts';

const TOPIC = 'http://example.org/topics/completed';
type Api = () => ReturnType<typeof request.agent>;
let server: TestServer;
let people: People;
let receiver: Receiver;
const api: Api = () => server.api();
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  await people.policy('told', [
    { resourceType: 'Encounter' },
    { resourceType: 'Subscription' },
    { resourceType: 'Basic', interaction: ['read', 'search'] },
  ]);
  await people.put({ ...completedTopic(TOPIC), id: 'completed' });
  receiver = await startReceiver();
});
afterAll(async () => {
  await server.stop();
  receiver.close();
});

const standing = { profile: 'Practitioner/x', policies: ['told'] };
const as =
  (authorization: string): Api =>
  () =>
    request.agent(`${server.url}/fhir/R4`).set('Authorization', authorization);

/** Somebody's Subscription that has been told of one event. */
async function told(name: string, by: Api): Promise<string> {
  const id = await subscribe(
    by,
    topicSubscription(TOPIC, `${receiver.url}/${name}`, { content: 'full-resource' }),
  );
  await reaches(api, id, 'active');
  await people.put(encounter(`${name}-before`, 'finished'));
  expect((await receiver.gets(new RegExp(`^/${name}$`), 2)).at(-1)!.body).toContain(`${name}-before`);
  return id;
}

/** The administrator's own Subscription is told of all: by then others would have been. */
async function tellsNobody(name: string): Promise<void> {
  const witness = `witness-${name}`;
  await subscribe(api, topicSubscription(TOPIC, `${receiver.url}/${witness}`, { content: 'full-resource' }));
  await people.put(encounter(`${name}-after`, 'finished'));
  await receiver.gets(new RegExp(`^/${witness}$`), 2);
  const all = receiver.received.filter(({ path }) => path === `/${name}`);
  expect(all.map(({ body }) => body).join()).not.toContain(`${name}-after`);
}

describe('who wrote a Subscription is told no more', () => {
  test('once the client is removed, or off', async () => {
    const ids = [];
    for (const id of ['removed', 'off']) ids.push(await told(id, as(await people.client(id, standing))));
    await api().delete('/ClientApplication/removed').expect(204);
    await people.put({ resourceType: 'ClientApplication', id: 'off', name: 'off', status: 'off' });
    await tellsNobody('removed');
    await tellsNobody('off');
    for (const id of ids) {
      const { body } = await api().get(`/Subscription/${id}/$status`).expect(200);
      const [last] = body.entry[0].resource.parameter.filter(
        ({ name }: { name: string }) => name === 'events-since-subscription-start',
      );
      // Those of the other, before: what came after has no number.
      expect(Number(last.valueString)).toBeLessThan(3);
    }
  });

  test('once the membership is not active', async () => {
    await told('member', as(await people.client('member', standing)));
    const { body } = await api().get('/ProjectMembership/member').expect(200);
    await people.put({ ...body, active: false });
    await tellsNobody('member');
  });

  test('once the User is removed', async () => {
    const doc = await people.person('gone', standing);
    await told('gone', as(await people.authorization(doc)));
    await api().delete('/User/gone').expect(204);
    await tellsNobody('gone');
  });

  test.each(['User', 'ClientApplication'])('once the access of a %s is revoked; it says so', async (type) => {
    const name = `revoked-${type.toLowerCase()}`;
    const doc = await people.person(name, standing);
    const id = await told(name, as(await people.authorization(doc)));
    const target = type === 'User' ? name : 'first-party-app';
    await api().post(`/${type}/${target}/$revoke`).send({ resourceType: 'Parameters' });
    const { body } = await api().get(`/Subscription/${id}`).expect(200);
    expect(body).toMatchObject({ status: 'error', error: expect.stringMatching(/withdrawn/) });
    await tellsNobody(name);
    // Signed in again, it goes on where it stood.
    const again = as(await people.authorization(doc));
    await again()
      .put(`/Subscription/${id}`)
      .send({ ...body, status: 'requested' })
      .expect(200);
    await receiver.gets(new RegExp(`^/${name}$`), 4);
    const last = receiver.received.filter(({ path }) => path === `/${name}`).at(-1);
    expect(last!.body).toContain(`${name}-after`);
  });
});
