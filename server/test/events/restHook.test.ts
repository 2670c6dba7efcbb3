import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverForFile } from '../rest/support.ts';
import { startReceiver, type Received, type Receiver } from './support/receiver.ts';
import { reaches, subscribe } from './support/sending.ts';
import {
  BACKPORT,
  completedTopic,
  encounter,
  plainSubscription,
  topicSubscription,
} from './support/subscriptions.ts';

const { api } = serverForFile();
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
afterEach(() => receiver.answerBy((_, response) => response.writeHead(204).end()));

let files = 0;
/** A path of the test's own. */
const endpoint = () => `${receiver.url}/hook-${++files}`;
const at = (url: string) => new RegExp(`^${new URL(url).pathname}(/|$)`);

const observation = (id: string, patient: string, value: number) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});
const put = (resource: { resourceType: string; id: string }) =>
  api().put(`/${resource.resourceType}/${resource.id}`).send(resource);
const bodies = (all: Received[]) => all.map(({ body }) => JSON.parse(body));

describe('a Subscription of R4', () => {
  test('gets each matching resource, in order, below its endpoint, as it is stored', async () => {
    const url = endpoint();
    const id = await subscribe(
      api,
      plainSubscription('Observation?code=http://loinc.org|8867-4&patient=Patient/a', url, {
        header: ['Authorization: Bearer of-the-receiver'],
      }),
    );
    await put(observation('o1', 'a', 60)).expect(201);
    await put(observation('o2', 'b', 61)).expect(201);
    await put(observation('o1', 'a', 62)).expect(200);
    await put(observation('o3', 'a', 63)).expect(201);
    const got = await receiver.gets(at(url), 3);
    const path = new URL(url).pathname;
    expect(got.map((one) => [one.method, one.path, JSON.parse(one.body).valueQuantity.value])).toEqual([
      ['PUT', `${path}/Observation/o1`, 60],
      ['PUT', `${path}/Observation/o1`, 62],
      ['PUT', `${path}/Observation/o3`, 63],
    ]);
    expect(got[0]!.headers).toMatchObject({
      'content-type': 'application/fhir+json',
      authorization: 'Bearer of-the-receiver',
      'idempotency-key': `${id}.1`,
    });
    expect(got[2]!.headers['idempotency-key']).toBe(`${id}.3`);
    expect((await reaches(api, id, 'active')).meta.versionId).toBe('2');
    // Records are in the log a moment later.
    for (let recorded: object[] = []; recorded.length < 3; await sleep(100)) {
      const { body } = await api().get('/AuditEvent?patient=a&subtype=operation').expect(200);
      recorded = body.entry ?? [];
    }
  });

  test('gets an empty request where it asks for no payload', async () => {
    const url = endpoint();
    await subscribe(api, plainSubscription('Encounter?_id=empty', url, { payload: undefined }));
    await put(encounter('empty', 'finished')).expect(201);
    const [got] = await receiver.gets(at(url), 1);
    expect(got).toMatchObject({ method: 'POST', path: new URL(url).pathname, body: '' });
  });

  test('gets XML where it asks for it, with every digit', async () => {
    const url = endpoint();
    const payload = 'application/fhir+xml';
    await subscribe(api, plainSubscription('Observation?patient=Patient/xml', url, { payload }));
    const text = JSON.stringify(observation('xml', 'xml', 7)).replace('"value":7', '"value":7.10');
    const type = 'application/fhir+json';
    await api().put('/Observation/xml').set('Content-Type', type).send(text).expect(201);
    const [got] = await receiver.gets(at(url), 1);
    expect(got).toMatchObject({ method: 'PUT', headers: { 'content-type': payload } });
    expect(got!.body).toMatch(
      /<Observation xmlns="http:\/\/hl7.org\/fhir"><id value="xml"\/>.*<value value="7.10"\/>/s,
    );
  });

  test('is told again what was not accepted, before what came after', async () => {
    const url = endpoint();
    let answers = 0;
    receiver.answerBy((_, response) => {
      const status = answers++ === 1 ? 503 : 200;
      response.writeHead(status).end();
    });
    await subscribe(api, plainSubscription('Observation?patient=Patient/again', url));
    for (const value of [1, 2, 3]) await put(observation('again', 'again', value));
    const got = await receiver.gets(at(url), 4);
    expect(bodies(got).map((one) => one.valueQuantity.value)).toEqual([1, 2, 2, 3]);
    expect(got[1]!.headers['idempotency-key']).toBe(got[2]!.headers['idempotency-key']);
  });

  test('ends at its end, and when it is switched off', async () => {
    const url = endpoint();
    const ended = await subscribe(api, {
      ...plainSubscription('Encounter?_id=never', url),
      end: new Date(Date.now() - 1000).toISOString(),
    });
    await reaches(api, ended, 'off');
  });
});

describe('a Subscription to a topic', () => {
  const topic = 'http://example.org/topics/completed';
  beforeAll(async () => {
    await api().post('/Basic').send(completedTopic(topic)).expect(201);
  });

  test('shakes hands, then gets numbered events of what its filters let through', async () => {
    const url = endpoint();
    const id = await subscribe(
      api,
      topicSubscription(topic, url, { filters: ['Encounter?subject=Patient/f1'] }),
    );
    await reaches(api, id, 'active');
    await put(encounter('e1', 'in-progress', 'f1')).expect(201);
    await put(encounter('e1', 'finished', 'f1')).expect(200);
    await put(encounter('e1', 'finished', 'f1')).expect(200);
    await put(encounter('e2', 'finished', 'f2')).expect(201);
    await put(encounter('e3', 'finished', 'f1')).expect(201);
    const got = await receiver.gets(at(url), 3);
    const [handshake, first, second] = bodies(got);
    const parameters = (bundle: { entry: { resource: { parameter: { name: string }[] } }[] }) =>
      Object.fromEntries(bundle.entry[0]!.resource.parameter.map((one) => [one.name, one]));
    expect(handshake).toMatchObject({ resourceType: 'Bundle', type: 'history' });
    expect(parameters(handshake)).toMatchObject({
      type: { valueCode: 'handshake' },
      status: { valueCode: 'requested' },
      'events-since-subscription-start': { valueString: '0' },
    });
    expect(parameters(first)).toMatchObject({
      subscription: { valueReference: { reference: expect.stringMatching(`/Subscription/${id}$`) } },
      topic: { valueCanonical: topic },
      type: { valueCode: 'event-notification' },
      status: { valueCode: 'active' },
      'notification-event': {
        part: [
          { name: 'event-number', valueString: '1' },
          { name: 'timestamp' },
          { name: 'focus', valueReference: { reference: expect.stringMatching('/Encounter/e1$') } },
        ],
      },
    });
    expect(first.entry[1]).toMatchObject({
      fullUrl: expect.stringMatching('/Encounter/e1$'),
      request: { method: 'PUT', url: 'Encounter/e1' },
      response: { status: '200', etag: 'W/"2"' },
    });
    expect(first.entry[1].resource).toBeUndefined();
    expect(parameters(second)['notification-event']).toMatchObject({
      part: [
        { valueString: '2' },
        {},
        { valueReference: { reference: expect.stringMatching('/Encounter/e3$') } },
      ],
    });
    expect(got).toHaveLength(3);
  });

  test('gets the resource where it asks for it, and nothing about it where it asks for nothing', async () => {
    const [full, empty] = [endpoint(), endpoint()];
    const filters = ['Encounter?subject=Patient/content'];
    await subscribe(api, topicSubscription(topic, full, { content: 'full-resource', filters }));
    await subscribe(api, topicSubscription(topic, empty, { content: 'empty', filters }));
    await put(encounter('content', 'finished', 'content')).expect(201);
    const [, whole] = bodies(await receiver.gets(at(full), 2));
    expect(whole.entry[1].resource).toMatchObject({ resourceType: 'Encounter', id: 'content' });
    const [, nothing] = await receiver.gets(at(empty), 2);
    expect(nothing!.body).not.toMatch(/content|topics/);
    expect(JSON.parse(nothing!.body).entry).toHaveLength(1);
  });

  test('gets XML where it asks for it', async () => {
    const url = endpoint();
    const filters = ['Encounter?subject=Patient/in-xml'];
    const resource = topicSubscription(topic, url, { content: 'full-resource', filters });
    const payload = 'application/fhir+xml';
    await subscribe(api, { ...resource, channel: { ...resource.channel, payload } });
    await put(encounter('in-xml', 'finished', 'in-xml')).expect(201);
    const [handshake, got] = await receiver.gets(at(url), 2);
    expect(handshake!.headers['content-type']).toBe(payload);
    expect(handshake!.body).toMatch(
      /<Bundle xmlns="http:\/\/hl7.org\/fhir">.*<valueCode value="handshake"\/>/s,
    );
    expect(got!.body).toMatch(/<resource><Encounter><id value="in-xml"\/>/);
  });

  test('is in error when nobody shakes hands, and begins anew when it is requested again', async () => {
    const url = endpoint();
    receiver.answerBy((one, response) => response.writeHead(at(url).test(one.path) ? 404 : 204).end());
    const id = await subscribe(
      api,
      topicSubscription(topic, url, { filters: ['Encounter?subject=Patient/shy'] }),
    );
    const failed = await reaches(api, id, 'error');
    expect(failed.error).toMatch(/handshake failed: the endpoint answered 404/);
    await put(encounter('shy', 'finished', 'shy')).expect(201);
    receiver.answerBy((_, response) => response.writeHead(204).end());
    await put({ ...failed, status: 'requested' }).expect(200);
    const active = await reaches(api, id, 'active');
    expect(active.error).toBeUndefined();
    const last = (await receiver.gets(at(url), 6)).at(-1)!;
    expect(last.body).toMatch(/event-notification/);
  });
});

test('notifications are signed with a key of the subscription', async () => {
  const url = endpoint();
  const id = await subscribe(api, plainSubscription('Encounter?_id=signed', url));
  await put(encounter('signed', 'finished')).expect(201);
  const [got] = await receiver.gets(at(url), 1);
  const { body } = await api().get(`/Subscription/${id}/$signing-key`).expect(200);
  const key = body.parameter[0].valueString as string;
  expect(got!.headers['x-signature']).toBe(createHmac('sha256', key).update(got!.body).digest('hex'));
});

describe('is refused, with what to do:', () => {
  test.each<[string, object, string, RegExp]>([
    ['no search', { criteria: 'everything' }, 'Subscription.criteria', /search with its type/],
    ['no type', { criteria: 'Nothing?a=b' }, 'Subscription.criteria', /resource type/],
    ['no parameter', { criteria: 'Patient?colour=blue' }, 'Subscription.criteria', /colour/],
    ['a chain', { criteria: 'Observation?patient.name=x' }, 'Subscription.criteria', /chain/],
    ['an order', { criteria: 'Patient?_sort=name' }, 'Subscription.criteria', /_sort/],
    ['terminology', { criteria: 'Observation?code:in=http://x/vs' }, 'Subscription.criteria', /value set/],
    ['an unknown topic', { criteria: 'http://example.org/none' }, 'Subscription.criteria', /no such topic/],
    ['short messages without a gateway', { type: 'sms' }, 'Subscription.channel.type', /SMS_URL, SMS_FROM/],
    ['mails without a server', { type: 'email' }, 'Subscription.channel.type', /SMTP_URL.*RECIPIENTS/],
    [
      'a channel of others',
      { _type: { extension: [{ url: `${BACKPORT}channel-type`, valueCoding: { code: 'zulip' } }] } },
      'Subscription.channel.type.extension[0].value',
      /'zulip' are not offered/,
    ],
    ['a payload', { payload: 'text/csv' }, 'Subscription.channel.payload', /fhir\+json/],
    ['a private address', { endpoint: 'https://10.0.0.1/' }, 'Subscription.channel.endpoint', /public/],
    ['no TLS', { endpoint: 'http://hooks.example/' }, 'Subscription.channel.endpoint', /https/],
    ['no endpoint', { endpoint: undefined }, 'Subscription.channel.endpoint', /missing/],
    ['a header', { header: ['Host: elsewhere'] }, 'Subscription.channel.header[0]', /sets the header/],
    ['a broken header', { header: ['a\nb: c'] }, 'Subscription.channel.header[0]', /one line/],
  ])('%s', async (_, change, expression, text) => {
    const { criteria = 'Patient', ...channel } = change as { criteria?: string };
    const resource = plainSubscription(criteria, endpoint(), channel);
    const { body } = await api().post('/Subscription').send(resource).expect(400);
    expect(body.issue[0]).toMatchObject({
      expression: [expression],
      diagnostics: expect.stringMatching(text),
    });
    const entry = [{ resource, request: { method: 'POST', url: 'Subscription' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    const answer = await api().post('/').send(bundle).expect(400);
    expect(answer.body.issue[0].expression[0]).toMatch(/^Bundle.entry\[0\].resource/);
  });
});
