import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import WebSocket from 'ws';
import { CONNECTIONS_MAX } from '../../../src/events/live/liveEvents.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { listen, webSocketUrl } from '../support/listening.ts';
import { reaches, subscribe } from '../support/sending.ts';
import { completedTopic, encounter, topicSubscription } from '../support/subscriptions.ts';

const TOPIC = 'http://example.org/topics/completed';
let server: TestServer;
let people: People;
type Api = () => ReturnType<typeof request.agent>;
const api: Api = () => server.api();
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  await people.put({ ...completedTopic(TOPIC), id: 'completed' });
});
afterAll(() => server.stop());

const as =
  (authorization: string): Api =>
  () =>
    request.agent(`${server.url}/fhir/R4`).set('Authorization', authorization);

/** A Subscription to a patient's finished Encounters. */
function fetched(patient: string, choice: object = {}) {
  const filters = [`Encounter?subject=Patient/${patient}`];
  const { channel, ...rest } = topicSubscription(TOPIC, '', { filters, content: 'full-resource', ...choice });
  const { endpoint: _endpoint, ...others } = channel;
  return { ...rest, channel: { ...others, type: 'websocket' } };
}

interface Parameter {
  name: string;
  valueString?: string;
  valueUrl?: string;
  valueDateTime?: string;
}

async function tokenOf(of: Api, id: string): Promise<string> {
  const { body } = await of().get(`/Subscription/${id}/$get-ws-binding-token`).expect(200);
  return (body.parameter as Parameter[]).find(({ name }) => name === 'token')!.valueString!;
}

/** A client that sees Encounters of one patient only. */
async function limited(id: string, patient: string) {
  await people.policy(`${id}-policy`, [
    { resourceType: 'Encounter', criteria: `Encounter?subject=Patient/${patient}` },
    { resourceType: 'Subscription' },
    { resourceType: 'Basic', interaction: ['read', 'search'] },
  ]);
  const authorization = await people.client(id, { profile: 'Practitioner/x', policies: [`${id}-policy`] });
  return { authorization, api: as(authorization) };
}

test('a token is for Subscriptions of this channel that the caller may read', async () => {
  const [id, other] = [await subscribe(api, fetched('tokens')), await subscribe(api, fetched('tokens'))];
  const { body } = await api().get(`/Subscription/$get-ws-binding-token?id=${id}&id=${other}`).expect(200);
  const named = (name: string) => (body.parameter as Parameter[]).filter((one) => one.name === name);
  expect(named('subscription').map(({ valueString }) => valueString)).toEqual([id, other]);
  expect(named('websocket-url')[0]!.valueUrl).toBe(webSocketUrl(server.url));
  expect(Date.parse(named('expiration')[0]!.valueDateTime!)).toBeGreaterThan(Date.now());
  await api().get('/Subscription/$get-ws-binding-token').expect(400);
  await api().get('/Subscription/none/$get-ws-binding-token').expect(404);
  const hook = { ...fetched('tokens'), channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1:1/x' } };
  const plain = await subscribe(api, { ...hook, criteria: 'Encounter?_id=never', _criteria: undefined });
  await api().get(`/Subscription/${plain}/$get-ws-binding-token`).expect(400);
  const batch = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ request: { method: 'GET', url: `Subscription/${id}/$get-ws-binding-token` } }],
  };
  const answer = await api().post('/').send(batch).expect(200);
  expect(answer.body.entry[0].response.status).toMatch(/^400/);
});

test('events come in order, as the guide has them; after a reconnect from the number on that is named', async () => {
  const id = await subscribe(api, fetched('ann'));
  await reaches(api, id, 'active');
  const token = await tokenOf(api, id);
  const first = await listen(server.url);
  first.say(`bind-with-token ${token}`);
  const [handshake] = await first.hears('handshake', 1);
  expect(handshake).toMatchObject({ subscription: `${server.url}/fhir/R4/Subscription/${id}`, numbers: [] });
  for (const one of ['a1', 'a2', 'a3']) await people.put(encounter(one, 'finished', 'ann'));
  await people.put(encounter('b1', 'finished', 'other'));
  const told = await first.hears('event-notification', 3);
  expect(told.map(({ numbers }) => numbers)).toEqual([[1], [2], [3]]);
  expect(told.map(({ resources }) => resources[0]!.id)).toEqual(['a1', 'a2', 'a3']);
  expect(JSON.parse(told[0]!.text)).toMatchObject({ type: 'history', meta: { profile: [/-r4$/] } });
  first.socket.terminate();
  for (const one of ['a4', 'a5']) await people.put(encounter(one, 'finished', 'ann'));

  const second = await listen(server.url);
  second.say(`bind-with-token ${await tokenOf(api, id)} 2`);
  expect((await second.hears('event-notification', 3)).map(({ numbers }) => numbers)).toEqual([
    [3],
    [4],
    [5],
  ]);
  // Without a number: whatever came since the token was asked for.
  const third = await listen(server.url);
  third.say(`bind-with-token ${token}`);
  const all = await third.hears('event-notification', 5);
  expect(all.flatMap(({ numbers }) => numbers)).toEqual([1, 2, 3, 4, 5]);
  await reaches(api, id, 'active');
  for (const one of [second, third]) one.socket.close();
});

test('notifications have the format of the payload', async () => {
  const { channel, ...rest } = fetched('in-xml');
  const payload = 'application/fhir+xml';
  const id = await subscribe(api, { ...rest, channel: { ...channel, payload } });
  const [listener, other] = [await listen(server.url), await listen(server.url)];
  const token = await tokenOf(api, id);
  listener.say(`bind-with-token ${token}`);
  other.say(JSON.stringify({ type: 'bind-with-token', payload: { token } }));
  await other.hears('handshake', 1);
  await listener.hearsText(/<valueCode value="handshake"\/>/);
  await people.put(encounter('in-xml', 'finished', 'in-xml'));
  await listener.hearsText(/<Encounter><id value="in-xml"\/>/);
  // MedplumClient speaks JSON alone.
  expect((await other.hears('event-notification', 1))[0]!.resources).toMatchObject([{ id: 'in-xml' }]);
  for (const one of [listener, other]) one.socket.close();
});

test('one connection is told of several Subscriptions, until they are unbound', async () => {
  const ids = [await subscribe(api, fetched('s1')), await subscribe(api, fetched('s2'))];
  const { body } = await api()
    .get(`/Subscription/$get-ws-binding-token?id=${ids.join('&id=')}`)
    .expect(200);
  const token = (body.parameter as Parameter[])[0]!.valueString!;
  const listener = await listen(server.url);
  listener.say(`bind-with-token ${token} 0`);
  await listener.hearsText(/several Subscriptions/);
  listener.say(`bind-with-token ${token} ${ids[0]}/0`);
  await listener.hears('handshake', 2);
  await people.put(encounter('s1a', 'finished', 's1'));
  await people.put(encounter('s2a', 'finished', 's2'));
  const told = await listener.hears('event-notification', 2);
  expect(told.map(({ resources }) => resources[0]!.id).sort()).toEqual(['s1a', 's2a']);
  listener.say(`unbind-from-token ${token}`);
  listener.say('ping');
  await listener.hearsText(/pong/);
  await people.put(encounter('s1b', 'finished', 's1'));
  const again = await listen(server.url);
  again.say(`bind-with-token ${await tokenOf(api, ids[0]!)} 1`);
  await again.hears('event-notification', 1);
  expect(await listener.hears('event-notification', 2)).toHaveLength(2);
  for (const one of [listener, again]) one.socket.close();
});

test('whoever listens is shown what he may see at that moment, and the log says so', async () => {
  const mine = await limited('of-mine', 'mine');
  const id = await subscribe(mine.api, fetched('mine'));
  const theirs = await limited('of-theirs', 'theirs');
  const [own, other] = [await listen(server.url), await listen(server.url)];
  own.say(`bind-with-token ${await tokenOf(mine.api, id)}`);
  other.say(`bind-with-token ${await tokenOf(theirs.api, id)}`);
  await Promise.all([own.hears('handshake', 1), other.hears('handshake', 1)]);
  await people.put(encounter('m1', 'finished', 'mine'));
  const [shown] = await own.hears('event-notification', 1);
  expect(shown!.resources).toMatchObject([{ resourceType: 'Encounter', id: 'm1' }]);
  const [hidden] = await other.hears('event-notification', 1);
  expect(hidden!.numbers).toEqual([1]);
  expect(hidden!.text).not.toContain('Encounter');
  // Records come from the journal a little later, in their order.
  let readers: string[] = [];
  while (!readers.some((text) => text.includes('of-mine'))) {
    await sleep(100);
    const { body } = await api().get('/AuditEvent?patient=mine&subtype=operation&_count=50').expect(200);
    readers = ((body.entry ?? []) as object[]).map((entry) => JSON.stringify(entry));
  }
  expect(readers.some((text) => text.includes('of-theirs'))).toBe(false);

  await people.policy('of-mine-policy', [
    { resourceType: 'Subscription' },
    { resourceType: 'Basic', interaction: ['read', 'search'] },
  ]);
  const again = await listen(server.url);
  again.say(`bind-with-token ${await tokenOf(mine.api, id)} 0`);
  const [second] = await again.hears('event-notification', 1);
  expect(second!.numbers).toEqual([1]);
  expect(second!.text).not.toContain('Encounter');
  await people.policy('of-mine-policy', [{ resourceType: 'Encounter' }]);
  await own.hearsText(/bound no longer/);
  expect(await own.closed).toBe(1008);
  other.socket.close();
});

test('what ends the access token, or the Subscription, ends the connection', async () => {
  const gone = await limited('of-gone', 'gone');
  const id = await subscribe(gone.api, fetched('gone'));
  const token = await tokenOf(gone.api, id);
  const listener = await listen(server.url);
  listener.say(`bind-with-token ${token}`);
  await listener.hears('handshake', 1);
  await api().post('/ClientApplication/of-gone/$revoke').send({ resourceType: 'Parameters' });
  await people.put(encounter('g1', 'finished', 'gone'));
  expect(await listener.closed).toBe(1008);
  expect(listener.texts.join()).not.toContain('g1');
  const late = await listen(server.url);
  late.say(`bind-with-token ${token}`);
  expect(JSON.parse(await late.hearsText(/OperationOutcome/)).issue[0].code).toBe('login');
  late.socket.close();

  const deleted = await subscribe(api, fetched('deleted'));
  const another = await listen(server.url);
  another.say(`bind-with-token ${await tokenOf(api, deleted)}`);
  await another.hears('handshake', 1);
  await api().delete(`/Subscription/${deleted}`).expect(204);
  expect(await another.closed).toBe(1008);
});

test('what is wrong is told, and who goes on with it is cut off', async () => {
  const id = await subscribe(api, fetched('wrong'));
  const token = await tokenOf(api, id);
  const listener = await listen(server.url);
  const wrong = [
    'hello',
    '{"type":"x"}',
    '{not json',
    'bind-with-token',
    'bind-with-token AAAA',
    `bind-with-token ${token.slice(0, -2)}AA`,
    `bind-with-token ${token} x`,
    `bind-with-token ${token} other/1`,
    `bind-with-token ${token} 7`,
    'bind-with-token !',
  ];
  for (const text of wrong) listener.say(text);
  expect(await listener.closed).toBe(1008);
  expect(listener.texts).toHaveLength(wrong.length);
  for (const text of listener.texts) expect(JSON.parse(text).resourceType).toBe('OperationOutcome');
  const huge = await listen(server.url);
  huge.say('x'.repeat(40_000));
  expect(await huge.closed).toBe(1009);
});

test('one connection is one caller, who has only so many', async () => {
  const id = await subscribe(api, fetched('many'));
  const many = await limited('of-many', 'many');
  const token = await tokenOf(many.api, id);
  const listeners = await Promise.all(Array.from({ length: CONNECTIONS_MAX }, () => listen(server.url)));
  for (const one of listeners) one.say(`bind-with-token ${token}`);
  await Promise.all(listeners.map((one) => one.hears('handshake', 1)));
  const last = await listen(server.url);
  last.say(`bind-with-token ${token}`);
  await last.hearsText(/throttled/);
  listeners[0]!.say(`bind-with-token ${await tokenOf(api, id)}`);
  await listeners[0]!.hearsText(/somebody else/);
  for (const one of [...listeners, last]) one.socket.close();
});

test('pages of other origins and other hosts get no connection; requests without an upgrade an explanation', async () => {
  const refused = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const socket = new WebSocket(webSocketUrl(server.url), { headers });
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
      socket.on('open', () => reject(new Error('it was opened')));
      socket.on('error', () => undefined);
    });
  expect(await refused({ Origin: 'https://evil.example' })).toBe(403);
  expect(await refused({ Host: 'evil.example' })).toBe(403);
  const answer = await fetch(`${server.url}/ws/subscriptions-r4`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ resourceType: 'OperationOutcome' });
  const elsewhere = new WebSocket(`${server.url.replace('http', 'ws')}/ws/other`);
  const status = await new Promise((resolve) => {
    elsewhere.on('unexpected-response', (_, response) => resolve(response.statusCode));
    elsewhere.on('error', () => undefined);
  });
  expect(status).toBe(404);
});

test('a server that stops says so', async () => {
  const own = await startTestServer();
  const id = await subscribe(own.api, {
    resourceType: 'Subscription',
    ...{ status: 'requested', reason: 'test', criteria: 'Encounter' },
    channel: { type: 'websocket' },
  });
  const listener = await listen(own.url);
  listener.say(`bind-with-token ${await tokenOf(own.api, id)}`);
  await listener.hears('handshake', 1);
  await own.stop();
  expect(await listener.closed).toBe(1001);
});
