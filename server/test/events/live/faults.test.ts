import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { channel as diagnosticsChannel } from 'node:diagnostics_channel';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import WebSocket from 'ws';
import { HEARTBEAT_MS_MIN } from '../../../src/events/subscriptions/request.ts';
import { BINDING_TOKEN_MS } from '../../../src/events/live/bindingTokens.ts';
import { PING_MS } from '../../../src/rest/websocket/connection.ts';
import { testConnection } from '../../support/postgres.ts';
import { startTestServer, urlOf, type TestServer } from '../../support/server.ts';
import { startDatabaseProxy, type DatabaseProxy } from '../support/databaseProxy.ts';
import { listen, notified, webSocketUrl, type Notified } from '../support/listening.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { reaches, subscribe } from '../support/sending.ts';
import { completedTopic, encounter, topicSubscription } from '../support/subscriptions.ts';

const TOPIC = 'http://example.org/topics/completed';
const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
let proxy: DatabaseProxy;
let server: TestServer;
let receiver: Receiver;
let sql: Client;
const api = () => server.api();
beforeAll(async () => {
  proxy = await startDatabaseProxy();
  server = await startTestServer({ databaseUrl: proxy.url, databaseSchema });
  receiver = await startReceiver();
  sql = new Client({ connectionString: urlOf(await testConnection()) });
  await sql.connect();
  await api().post('/Basic').send(completedTopic(TOPIC)).expect(201);
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});
afterAll(async () => {
  await server.stop();
  proxy.close();
  receiver.close();
  await sql.end();
});

const put = (resource: { resourceType: string; id: string }) =>
  api().put(`/${resource.resourceType}/${resource.id}`).send(resource);
/** A Subscription to a patient's finished Encounters. */
function fetched(patient: string, choice: object = {}) {
  const filters = [`Encounter?subject=Patient/${patient}`];
  const { channel, ...rest } = topicSubscription(TOPIC, '', { filters, content: 'full-resource', ...choice });
  const { endpoint: _endpoint, ...others } = channel;
  return { ...rest, channel: { ...others, type: 'websocket' } };
}
async function tokenOf(id: string): Promise<string> {
  const { body } = await api().get(`/Subscription/${id}/$get-ws-binding-token`).expect(200);
  return (body.parameter as { name: string; valueString: string }[])[0]!.valueString;
}

test('of a slow client one notification is in memory, and it is told of all in the end', async () => {
  const accepted: Socket[] = [];
  const connections = diagnosticsChannel('net.server.socket');
  const note = (message: unknown) => void accepted.push((message as { socket: Socket }).socket);
  const id = await subscribe(api, {
    resourceType: 'Subscription',
    ...{ status: 'requested', reason: 'test', criteria: 'Observation?subject=Patient/slow' },
    channel: { type: 'websocket', payload: 'application/fhir+json' },
  });
  const token = await tokenOf(id);
  connections.subscribe(note);
  const listener = await listen(server.url);
  connections.unsubscribe(note);
  const { localPort } = (listener.socket as unknown as { _socket: Socket })._socket;
  const peer = accepted.find(({ remotePort }) => remotePort === localPort)!;
  listener.say(`bind-with-token ${token}`);
  await listener.hears('handshake', 1);
  listener.socket.pause();
  const chars = 600_000;
  const count = 14;
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      put({
        ...{ resourceType: 'Observation', id: `slow-${i}`, status: 'final', code: { text: 'x' } },
        ...{ subject: { reference: 'Patient/slow' }, valueString: 'x'.repeat(chars) },
      } as never).expect(201),
    ),
  );
  let waiting = 0;
  const look = async () => {
    waiting = Math.max(waiting, peer.writableLength);
    await sleep(20);
  };
  for (let last = 0; last < count; await look()) {
    const text = `SELECT last_event FROM "${databaseSchema}".event_subscription WHERE id = $1`;
    last = Number((await sql.query(text, [id])).rows[0].last_event);
  }
  // What the operating system takes is less than all of it: something has to wait.
  let written = -1;
  while (peer.bytesWritten < count * chars && (peer.writableLength === 0 || peer.bytesWritten !== written)) {
    written = peer.bytesWritten;
    await look();
  }
  expect(peer.bytesWritten).toBeLessThan(count * chars);
  expect(waiting).toBeLessThan(2 * chars);
  listener.socket.resume();
  const told = await listener.hears('event-notification', count);
  expect(told.flatMap(({ numbers }) => numbers)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  listener.socket.close();
});

test('whoever does not answer pings is cut off, and nobody else', async () => {
  jest.useFakeTimers({
    doNotFake: [
      ...([
        'setTimeout',
        'clearTimeout',
        'setImmediate',
        'clearImmediate',
        'nextTick',
        'queueMicrotask',
      ] as const),
      ...(['Date', 'performance', 'hrtime'] as const),
    ],
  });
  const dead = new WebSocket(webSocketUrl(server.url), { autoPong: false });
  await once(dead, 'open');
  const alive = new WebSocket(webSocketUrl(server.url));
  await once(alive, 'open');
  const closed = once(dead, 'close');
  let isClosed = false;
  alive.once('close', () => (isClosed = true));
  for (let i = 0; i < 2; i++) {
    const pinged = once(alive, 'ping');
    jest.advanceTimersByTime(PING_MS);
    await pinged;
    // Answered behind the pong: that has arrived.
    alive.ping();
    await once(alive, 'pong');
  }
  const [code] = await closed;
  expect(code).toBe(1006);
  expect(isClosed).toBe(false);
  alive.close();
});

/** The first may come at once. */
const isBeatAfterEvent = ({ type }: Notified, i: number, all: Notified[]) =>
  type === 'heartbeat' && all.slice(0, i).some((one) => one.type === 'event-notification');

test('heartbeats come on every channel, and are no events', async () => {
  const choice = { heartbeatS: HEARTBEAT_MS_MIN / 1000 };
  const hook = await subscribe(api, topicSubscription(TOPIC, `${receiver.url}/beat`, choice));
  const id = await subscribe(api, fetched('beat', choice));
  const listener = await listen(server.url);
  listener.say(`bind-with-token ${await tokenOf(id)}`);
  await listener.hears('handshake', 1);
  await put(encounter('beat', 'finished', 'beat')).expect(201);
  await listener.hears('event-notification', 1);
  const stopping = new AbortController();
  const stream = await fetch(`${server.url}/fhir/R4/Subscription/${id}/$events-stream?after=1`, {
    headers: { Authorization: server.authorization },
    signal: stopping.signal,
  });
  let streamed = '';
  for await (const piece of stream.body!.pipeThrough(new TextDecoderStream())) {
    streamed += piece;
    if (streamed.includes('heartbeat')) break;
  }
  stopping.abort();
  await listener.hearsText(/"heartbeat".*"events-since-subscription-start","valueString":"1"/);
  for (const beat of await listener.hears('heartbeat', 1))
    expect(beat).toMatchObject({ numbers: [], resources: [] });
  const got: Notified[] = [];
  for (let count = 1; !got.some(isBeatAfterEvent); count++)
    got.splice(
      0,
      got.length,
      ...(await receiver.gets(/^\/beat$/, count)).flatMap(({ body }) => notified(body)),
    );
  expect(got.flatMap(({ numbers }) => numbers)).toEqual([1]);
  await api().delete(`/Subscription/${hook}`).expect(204);
  listener.socket.close();
});

test('a binding ends with its token, unless it is bound by another', async () => {
  const realNow = Date.now.bind(Date);
  const at = (ms: number) => jest.spyOn(Date, 'now').mockImplementation(() => realNow() + ms);
  const id = await subscribe(api, fetched('expiry'));
  const [ends, goesOn] = [await listen(server.url), await listen(server.url)];
  const token = await tokenOf(id);
  for (const one of [ends, goesOn]) one.say(`bind-with-token ${token}`);
  for (const one of [ends, goesOn]) await one.hears('handshake', 1);
  at(BINDING_TOKEN_MS / 2);
  goesOn.say(`bind-with-token ${await tokenOf(id)}`);
  await goesOn.hears('handshake', 2);
  at(BINDING_TOKEN_MS);
  await put(encounter('expiry', 'finished', 'expiry')).expect(201);
  const [told] = await goesOn.hears('event-notification', 1);
  expect(told!.numbers).toEqual([1]);
  expect(await ends.closed).toBe(1008);
  expect(ends.texts.join()).toMatch(/token has expired/);
  expect(ends.texts.join()).not.toContain('event-notification');
  const late = await listen(server.url);
  late.say(`bind-with-token ${token}`);
  await late.hearsText(/unknown or expired/);
  for (const one of [late, goesOn]) one.socket.close();
});

test('a connection outlives an outage of the database, and misses nothing', async () => {
  const id = await subscribe(api, fetched('outage'));
  const listener = await listen(server.url);
  listener.say(`bind-with-token ${await tokenOf(id)}`);
  await listener.hears('handshake', 1);
  await put(encounter('before', 'finished', 'outage')).expect(201);
  await listener.hears('event-notification', 1);
  proxy.cut();
  await put(encounter('during', 'finished', 'outage')).expect(503);
  proxy.mend();
  while ((await put(encounter('after', 'finished', 'outage'))).status >= 500) await sleep(50);
  const told = await listener.hears('event-notification', 2);
  expect(told.flatMap(({ numbers }) => numbers)).toEqual([1, 2]);
  expect(told.flatMap(({ resources }) => resources)).toMatchObject([{ id: 'before' }, { id: 'after' }]);
  listener.socket.close();
  const again = await listen(server.url);
  again.say(`bind-with-token ${await tokenOf(id)} 1`);
  expect((await again.hears('event-notification', 1))[0]!.numbers).toEqual([2]);
  again.socket.close();
});

test('a Subscription to which nobody connects is switched off after a while', async () => {
  const agoHours = async (id: string, hours: number) => {
    const text = `UPDATE "${databaseSchema}".event_subscription
      SET connected = clock_timestamp() - make_interval(hours => $2), due = clock_timestamp() WHERE id = $1 RETURNING id`;
    while ((await sql.query(text, [id, hours])).rows.length === 0) await sleep(20);
  };
  const isFresh = async (id: string) => {
    const text = `SELECT connected > clock_timestamp() - interval '1 hour' AS fresh FROM "${databaseSchema}".event_subscription WHERE id = $1`;
    return (await sql.query(text, [id])).rows[0].fresh as boolean;
  };
  const [left, bound] = [await subscribe(api, fetched('left')), await subscribe(api, fetched('bound'))];
  for (const id of [left, bound]) await reaches(api, id, 'active');
  await agoHours(bound, 71);
  const token = await tokenOf(bound);
  expect(await isFresh(bound)).toBe(true);
  const listener = await listen(server.url);
  listener.say(`bind-with-token ${token}`);
  await listener.hears('handshake', 1);
  await agoHours(bound, 71);
  // As if a minute had gone by.
  const realNow = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => realNow() + 61_000);
  while (!(await isFresh(bound))) await sleep(20);
  await agoHours(left, 73);
  const off = await reaches(api, left, 'off');
  expect(off.error).toMatch(/Nobody was connected/);
  await api()
    .put(`/Subscription/${left}`)
    .send({ ...off, status: 'requested' })
    .expect(200);
  expect((await reaches(api, left, 'active')).error).toBeUndefined();
  expect((await api().get(`/Subscription/${bound}`)).body.status).toBe('active');
  listener.socket.close();
});
