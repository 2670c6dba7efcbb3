import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MESSAGE_ANSWER_BYTES_MAX } from '../../src/events/channels/message.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { startMailbox, type Mailbox } from './support/mailbox.ts';
import { startReceiver, type Received, type Receiver } from './support/receiver.ts';
import { reaches, subscribe } from './support/sending.ts';
import { completedTopic, encounter, plainSubscription, topicSubscription } from './support/subscriptions.ts';

const TOPIC = 'http://example.org/topics/completed';
let server: TestServer;
let mailbox: Mailbox;
let receiver: Receiver;
const api = () => server.api();
beforeAll(async () => {
  [mailbox, receiver] = [await startMailbox(), await startReceiver()];
  server = await startTestServer({
    smtpUrl: mailbox.url,
    mailFrom: 'MaxRay <events@clinic.example>',
    smsUrl: `${receiver.url.replace('//', '//AC1:to%2Fken@')}/sms`,
    smsFrom: '+41446680000',
    subscriptionRecipients: ['@clinic.example', '+4144668'],
  });
  await api().post('/Basic').send(completedTopic(TOPIC)).expect(201);
});
afterEach(() => receiver.answerBy((_, response) => response.writeHead(204).end()));
afterAll(async () => {
  await server.stop();
  await mailbox.close();
  receiver.close();
});

const put = (resource: { resourceType: string; id: string }) =>
  api().put(`/${resource.resourceType}/${resource.id}`).send(resource);
/** A Subscription to a patient's finished Encounters by another channel. */
function byTopic(patient: string, channel: object, content = 'id-only') {
  const filters = [`Encounter?subject=Patient/${patient}`];
  const resource = topicSubscription(TOPIC, '', { filters, content });
  return { ...resource, channel: { ...resource.channel, ...channel } };
}
const line = (mail: string, name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(mail)?.[1]?.trim();
/** Long lines are wrapped, and some characters encoded, on their way. */
const read = (mail: string) =>
  mail
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
const attached = (mail: string) =>
  Buffer.from(/base64\r\n[^]*?\r\n\r\n([^]*?)\r\n--/.exec(mail)![1]!, 'base64').toString();

describe('by email', () => {
  test('the resource is named; the Message-ID is the same when it is sent again', async () => {
    const to = 'plain@clinic.example';
    const id = await subscribe(
      api,
      plainSubscription('Encounter?subject=Patient/mail', `mailto:${to}`, {
        type: 'email',
        payload: undefined,
      }),
    );
    await reaches(api, id, 'active');
    mailbox.refuses.add(to);
    await put(encounter('mail', 'finished', 'mail')).expect(201);
    const [first, mail] = await mailbox.gets(to, 2);
    for (const one of [first, mail]) expect(line(one!, 'Message-ID')).toBe(`<${id}.1@127.0.0.1>`);
    expect(line(mail!, 'Auto-Submitted')).toBe('auto-generated');
    expect(read(mail!)).toContain(`${server.url}/fhir/R4/Encounter/mail created`);
    expect(read(mail!)).not.toMatch(/finished|Patient/);
    expect(mail).not.toMatch(/attachment/i);
    const { body } = await api().get(`/Subscription/${id}/$events`).expect(200);
    expect(body.entry[0].resource.parameter.at(-1).name).toBe('notification-event');
  });

  test('the resource is attached where a payload asks for it', async () => {
    const to = 'json@clinic.example';
    await subscribe(
      api,
      plainSubscription('Encounter?subject=Patient/attached', `mailto:${to}`, { type: 'email' }),
    );
    await put(encounter('attached', 'finished', 'attached')).expect(201);
    const [mail] = await mailbox.gets(to, 1);
    expect(mail).toMatch(/Content-Type: application\/fhir\+json; name=notification.json/);
    expect(JSON.parse(attached(mail!))).toMatchObject({ resourceType: 'Encounter', id: 'attached' });
  });

  test('a topic shakes hands, and tells as much as it is asked', async () => {
    const [named, silent] = ['named@clinic.example', 'silent@clinic.example'];
    const payload = 'text/plain;attach=application/fhir+xml';
    const email = (to: string) => ({ type: 'email', endpoint: `mailto:${to}`, payload });
    const id = await subscribe(api, byTopic('told', email(named), 'full-resource'));
    await subscribe(api, byTopic('told', email(silent), 'empty'));
    await put(encounter('told', 'finished', 'told')).expect(201);
    const [handshake, event] = await mailbox.gets(named, 2);
    expect(line(handshake!, 'Subject')).toBe('You will be told of events');
    expect(read(handshake!)).toContain(`${server.url}/fhir/R4/Subscription/${id}`);
    expect(attached(event!)).toMatch(/<resource><Encounter><id value="told"\/>/);
    await reaches(api, id, 'active');
    const [, nothing] = await mailbox.gets(silent, 2);
    expect(read(nothing!)).not.toMatch(/Encounter|told/);
    expect(attached(nothing!)).toMatch(/<name value="event-number"\/>/);
    expect(attached(nothing!)).not.toMatch(/Encounter|told/);
  });
});

test('by short message: one line, posted with the account to the gateway, again until it is taken', async () => {
  let count = 0;
  receiver.answerBy((_, response) => response.writeHead(count++ === 0 ? 503 : 201).end('{}'));
  const sms = { type: 'sms', endpoint: 'tel:+41-44-668.18.00', payload: 'text/plain' };
  const id = await subscribe(api, byTopic('sms', sms));
  await put(encounter('sms', 'finished', 'sms')).expect(201);
  const [first, again] = await receiver.gets(/^\/sms$/, 2);
  const form = Object.fromEntries(new URLSearchParams(again!.body));
  expect(form).toEqual({
    To: '+41446681800',
    From: '+41446680000',
    Body: `New event 1: ${server.url}/fhir/R4/Encounter/sms`,
  });
  expect(again!.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('AC1:to/ken').toString('base64')}`,
    'idempotency-key': `${id}.1`,
  });
  expect(again!.body).toBe(first!.body);
});

describe('by message', () => {
  const answer = (one: Received, code: string, identifier?: string) => {
    const [{ resource: header }] = (JSON.parse(one.body) as { entry: [{ resource: { id: string } }] }).entry;
    const response = { identifier: identifier ?? header.id, code };
    const resource = { resourceType: 'MessageHeader', response };
    return JSON.stringify({ resourceType: 'Bundle', type: 'message', entry: [{ resource }] });
  };

  test('a topic sends its notification to $process-message, until it is answered by ok', async () => {
    let count = 0;
    receiver.answerBy((one, response) => {
      count += 1;
      const body = [answer(one, 'ok'), answer(one, 'transient-error'), answer(one, 'ok', 'another')][
        count - 1
      ];
      response.writeHead(200, { 'Content-Type': 'application/fhir+json' });
      response.end(body ?? answer(one, 'ok'));
    });
    const endpoint = `${receiver.url}/fhir`;
    const id = await subscribe(api, byTopic('message', { type: 'message', endpoint }));
    await reaches(api, id, 'active');
    await put(encounter('message', 'finished', 'message')).expect(201);
    const all = await receiver.gets(/^\/fhir\/\$process-message$/, 4);
    const [handshake, first, second, third] = all.map(({ body }) => JSON.parse(body));
    expect(handshake.entry[1].resource.entry[0].resource.parameter).toContainEqual({
      name: 'type',
      valueCode: 'handshake',
    });
    expect(first).toMatchObject({ resourceType: 'Bundle', type: 'message' });
    const [header, notification] = first.entry;
    expect(header.resource).toMatchObject({
      resourceType: 'MessageHeader',
      eventUri: TOPIC,
      destination: [{ endpoint }],
      source: { endpoint: `${server.url}/fhir/R4/$process-message` },
      focus: [{ reference: notification.fullUrl }],
    });
    expect(notification.resource).toMatchObject({ resourceType: 'Bundle', type: 'history' });
    expect(notification.resource.entry[1].fullUrl).toBe(`${server.url}/fhir/R4/Encounter/message`);
    // One message, sent three times.
    for (const again of [second, third]) {
      expect(again.entry[0].resource.id).toBe(header.resource.id);
      expect(again.id).not.toBe(first.id);
    }
    expect(handshake.entry[0].resource.id).not.toBe(header.resource.id);
    expect(all[1]!.headers['idempotency-key']).toBe(`${id}.1`);
    const { body } = await api().post('/Bundle/$validate').send(first).expect(200);
    expect(body.issue.filter((one: { severity: string }) => one.severity === 'error')).toEqual([]);
  });

  test('a Subscription of R4 sends the resource in XML where that is its payload', async () => {
    const endpoint = `${receiver.url}/xml`;
    const channel = { type: 'message', payload: 'application/fhir+xml' };
    await subscribe(api, plainSubscription('Encounter?subject=Patient/of-xml', endpoint, channel));
    await put(encounter('of-xml', 'finished', 'of-xml')).expect(201);
    const [got] = await receiver.gets(/^\/xml\/\$process-message$/, 1);
    expect(got!.headers).toMatchObject({ 'content-type': channel.payload, accept: channel.payload });
    expect(got!.body).toMatch(
      /<code value="subscription-notification"\/>.*<Encounter><id value="of-xml"\/>/s,
    );
  });

  test('what is no answer to it is told, and tried again', async () => {
    const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}';
    const answers: [string, RegExp][] = [
      ['hello', /no FHIR/],
      [outcome, /an error/],
      ['{"resourceType":"Patient"}', /not answer with a message/],
      ['x'.repeat(MESSAGE_ANSWER_BYTES_MAX + 1), /more than/],
    ];
    receiver.answerBy((one, response) => {
      const [, i] = /^\/wrong-(\d)/.exec(one.path)!;
      response.writeHead(200).end(answers[Number(i)]![0]);
    });
    const ids = answers.map((_, i) =>
      subscribe(api, byTopic('wrong', { type: 'message', endpoint: `${receiver.url}/wrong-${i}` })),
    );
    const failed = await Promise.all(ids.map(async (id) => reaches(api, await id, 'error')));
    for (const [i, { error }] of failed.entries()) expect(error).toMatch(answers[i]![1]);
    expect(await receiver.gets(/^\/wrong-/, 16)).toHaveLength(16);
  });
});

describe('is refused, with what to do:', () => {
  test.each<[string, object, string, RegExp]>([
    [
      'an address elsewhere',
      { type: 'email', endpoint: 'mailto:a@elsewhere.example' },
      'endpoint',
      /RECIPIENTS/,
    ],
    [
      'two addresses',
      { type: 'email', endpoint: 'mailto:a@clinic.example,b@x.example' },
      'endpoint',
      /one rec/,
    ],
    [
      'a mail with headers',
      { type: 'email', endpoint: 'mailto:a@clinic.example?bcc=b' },
      'endpoint',
      /one rec/,
    ],
    [
      'a payload of mail',
      { type: 'email', endpoint: 'mailto:a@clinic.example', payload: 'text/html' },
      'payload',
      /attach/,
    ],
    [
      'a number elsewhere',
      { type: 'sms', endpoint: 'tel:+1900555', payload: 'text/plain' },
      'endpoint',
      /RECIPIENTS/,
    ],
    [
      'a number of no country',
      { type: 'sms', endpoint: 'tel:911', payload: 'text/plain' },
      'endpoint',
      /one rec/,
    ],
    [
      'a payload that is no header',
      { type: 'message', endpoint: 'http://127.0.0.1:9/', payload: 'application/fhir+json; a=\u4e2d' },
      'payload',
      /ASCII/,
    ],
    ['a resource by short message', { type: 'sms', endpoint: 'tel:+41446681800' }, 'payload', /text\/plain/],
    ['a message to nowhere', { type: 'message', endpoint: 'http://10.0.0.1/fhir' }, 'endpoint', /public/],
  ])('%s', async (_, channel, element, text) => {
    const resource = plainSubscription('Encounter', '', channel);
    const { body } = await api().post('/Subscription').send(resource).expect(400);
    expect(body.issue[0]).toMatchObject({
      expression: [`Subscription.channel.${element}`],
      diagnostics: expect.stringMatching(text),
    });
  });

  test('resources in the text of a mail', async () => {
    const channel = { type: 'email', endpoint: 'mailto:a@clinic.example', payload: 'text/plain' };
    const { body } = await api()
      .post('/Subscription')
      .send(byTopic('x', channel, 'full-resource'))
      .expect(400);
    expect(body.issue[0].diagnostics).toMatch(/attach=application/);
  });
});
