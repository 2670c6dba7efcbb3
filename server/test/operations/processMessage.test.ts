import { describe, expect, test } from '@jest/globals';
import { archivedFiles, sharedPath } from '../support/sharedData.ts';
import { FHIR, serverForFile } from '../rest/support.ts';

const EXAMPLES = sharedPath('data/r4-examples-4.0.1.tgz');
const { api, base } = serverForFile();

interface Resource {
  resourceType: string;
  id: string;
  [name: string]: unknown;
}
interface Header extends Resource {
  response: { identifier: string; code: string; details?: { reference: string } };
  destination: object[];
  source: object;
}
interface Message {
  resourceType: string;
  id: string;
  type: string;
  timestamp: string;
  meta: { versionId: string };
  entry: { fullUrl: string; resource: Resource }[];
}

const OTHER_URN = 'urn:uuid:0e4d7c2f-0000-4000-8000-000000000002';
const PATIENT = {
  fullUrl: 'http://sender.example/fhir/Patient/1',
  resource: { resourceType: 'Patient', id: '1' },
};
const header = (id: string, members: object = {}) => ({
  resourceType: 'MessageHeader',
  id,
  eventCoding: { system: 'urn:events', code: 'notify' },
  source: { name: 'Sender', endpoint: 'http://sender.example/messages' },
  focus: [{ reference: PATIENT.fullUrl }],
  ...members,
});
const message = (id: string, members: object = {}, bundle: object = {}) => ({
  resourceType: 'Bundle',
  id: `sending-${id}`,
  type: 'message',
  timestamp: '2026-01-31T09:30:00Z',
  entry: [
    { fullUrl: 'urn:uuid:0e4d7c2f-0000-4000-8000-000000000001', resource: header(id, members) },
    PATIENT,
  ],
  ...bundle,
});
const send = (body: object | string, query = '') =>
  api()
    .post(`/$process-message${query}`)
    .set('Content-Type', FHIR)
    .send(typeof body === 'string' ? body : JSON.stringify(body));
const answered = async (body: object | string) => (await send(body).expect(200)).body as Message;
const headerOf = ({ entry }: Message) => entry[0]!.resource as Header;
const stored = async (query: string) => {
  const { body } = await api().get(`/Bundle?_count=100&${query}`).expect(200);
  return ((body.entry ?? []) as { resource: Message }[]).map(({ resource }) => resource);
};

describe('$process-message', () => {
  test('stores the message and answers with a message', async () => {
    const answer = await answered(message('m-1'));
    expect(answer).toMatchObject({ resourceType: 'Bundle', type: 'message', meta: { versionId: '1' } });
    const own = headerOf(answer);
    expect(own).toEqual({
      resourceType: 'MessageHeader',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventCoding: { system: 'urn:events', code: 'notify' },
      destination: [{ name: 'Sender', endpoint: 'http://sender.example/messages' }],
      source: { software: 'MaxRay', endpoint: `${base()}/$process-message` },
      response: { identifier: 'm-1', code: 'ok', details: { reference: answer.entry[1]!.fullUrl } },
    });
    expect(answer.entry[0]!.fullUrl).toBe(`urn:uuid:${own.id}`);
    expect(answer.entry[1]!.resource).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', diagnostics: expect.stringContaining('received and stored') }],
    });
    const [received] = await stored('message=MessageHeader/m-1');
    expect({ ...received, id: undefined, meta: undefined }).toEqual({ ...message('m-1'), id: undefined });
    expect((await stored(`message=${own.id}`))[0]).toEqual(answer);
  });

  test('sent again, the same message gets the same answer and is stored once', async () => {
    const first = await send(message('m-2')).buffer(true).expect(200);
    const again = await send(message('m-2')).buffer(true).expect(200);
    expect(again.text).toBe(first.text);
    expect(await stored('message=m-2')).toHaveLength(1);
    expect((await stored('message=m-2'))[0]!.meta.versionId).toBe('1');
  });

  test('sent many times at once, too', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(message('m-3')).buffer(true).expect(200)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const kept = await stored('message=m-3');
    expect(kept.map(({ meta }) => meta.versionId)).toEqual(['1']);
  });

  test('a new sending of a message is processed again; without Bundle.id the MessageHeader.id tells', async () => {
    const first = await answered(message('m-4'));
    const second = await answered(message('m-4', {}, { id: 'sending-m-4-again' }));
    expect(second.id).not.toBe(first.id);
    expect(headerOf(second).response.identifier).toBe('m-4');
    const plain = message('m-5', {}, { id: undefined });
    expect((await answered(plain)).id).toBe((await answered(plain)).id);
    const elsewhere = message('m-5', { source: { endpoint: 'http://another.example/m' } }, { id: undefined });
    expect((await answered(elsewhere)).id).not.toBe((await answered(plain)).id);
  });

  test('is asked by the address that the message has for it', async () => {
    const to = (...destination: object[]) => answered(message(`m-d${destination.length}`, { destination }));
    const [one, other] = [
      { name: 'Clinic', endpoint: 'llp:10.0.0.1:2575' },
      { name: 'Lab', endpoint: 'llp:10.0.0.2:2575' },
    ];
    expect(headerOf(await to(one)).source).toEqual({ software: 'MaxRay', ...one });
    const own = { endpoint: `${base()}/$process-message` };
    expect(headerOf(await to(one, other)).source).toEqual({ software: 'MaxRay', ...own });
    const named = { name: 'MaxRay here', ...own };
    expect(headerOf(await to(one, other, named)).source).toEqual({ software: 'MaxRay', ...named });
  });

  test('keeps the digits and references of the message, and its event as a URI', async () => {
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient?identifier=nobody' },
      valueQuantity: { value: 1 },
    };
    const { entry } = message('m-6', { eventCoding: undefined, eventUri: 'urn:event' });
    const sent = JSON.stringify(
      message('m-6', {}, { entry: [...entry, { fullUrl: OTHER_URN, resource: observation }] }),
    ).replace('"value":1}', '"value":1.00}');
    expect(headerOf(await answered(sent))).toMatchObject({ eventUri: 'urn:event' });
    const [{ id }] = (await stored('message=m-6')) as [Message];
    const { text } = await api().get(`/Bundle/${id}`).buffer(true).expect(200);
    expect(text).toContain('"value":1.00');
    expect(text).toContain('"reference":"Patient?identifier=nobody"');
  });

  test.each([
    ['never', 204],
    ['on-error', 204],
    ['on-success', 200],
    ['always', 200],
  ])('where an answer is wanted %s', async (valueCode, status) => {
    const url = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';
    const sent = message(`m-${valueCode}`, { extension: [{ url, valueCode }] });
    for (let i = 0; i < 2; i++) {
      const { text } = await send(sent).expect(status);
      expect(text === '').toBe(status === 204);
    }
    expect(await stored(`message=m-${valueCode}`)).toHaveLength(1);
  });

  test('comes in a Parameters resource, in XML and in a batch, too', async () => {
    const content = {
      resourceType: 'Parameters',
      parameter: [{ name: 'content', resource: message('m-7') }],
    };
    expect(headerOf(await answered(content)).response.identifier).toBe('m-7');
    const xml =
      '<Bundle xmlns="http://hl7.org/fhir"><type value="message"/><entry><fullUrl value="urn:uuid:0e4d7c2f-0000-4000-8000-000000000009"/><resource><MessageHeader><id value="m-8"/><eventUri value="urn:e"/><source><endpoint value="http://s.example"/></source></MessageHeader></resource></entry></Bundle>';
    const answer = await api()
      .post('/$process-message?_format=xml')
      .set('Content-Type', 'application/fhir+xml')
      .send(xml)
      .buffer(true)
      .expect(200);
    expect(answer.text).toContain('<identifier value="m-8"/><code value="ok"/>');
    const entry = [{ resource: message('m-9'), request: { method: 'POST', url: '$process-message' } }];
    const batch = { resourceType: 'Bundle', type: 'batch', entry };
    const { body } = await api().post('/').set('Content-Type', FHIR).send(JSON.stringify(batch)).expect(200);
    expect(headerOf(body.entry[0].resource as Message).response.identifier).toBe('m-9');
  });

  test('is stated in the CapabilityStatement, beside $document', async () => {
    const { body } = await api().get('/metadata').expect(200);
    const [{ operation, resource }] = body.rest;
    expect(operation).toContainEqual({
      name: 'process-message',
      definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
    });
    const composition = (resource as { type: string; operation?: object[] }[]).find(
      ({ type }) => type === 'Composition',
    );
    expect(composition!.operation).toContainEqual({
      name: 'document',
      definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
    });
  });
});

describe('$process-message refuses, and stores nothing of it', () => {
  const urn = 'urn:uuid:0e4d7c2f-0000-4000-8000-00000000000f';
  const entry = (...more: object[]) => ({ entry: [...message('x').entry, ...more] });

  test.each<[string, object, number, string]>([
    ['another type', message('x', {}, { type: 'collection' }), 422, 'Bundle.type'],
    ['no header', message('x', {}, { entry: [PATIENT] }), 400, 'Bundle'],
    ['no entry', message('x', {}, { entry: undefined }), 400, 'Bundle'],
    ['a header without id', message('x', { id: undefined }), 422, 'Bundle.entry[0].resource.id'],
    [
      'a source that is not told',
      message('x', { source: { _endpoint: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] } } }),
      422,
      'Bundle.entry[0].resource.source',
    ],
    ['no source', message('x', { source: undefined }), 400, 'Bundle.entry[0].resource.source'],
    ['no event', message('x', { eventCoding: undefined }), 400, 'Bundle.entry[0].resource.event'],
    [
      'an answer',
      message('x', { response: { identifier: 'y', code: 'ok' } }),
      422,
      'Bundle.entry[0].resource.response',
    ],
    [
      'a focus that is elsewhere',
      message('x', { focus: [{ reference: PATIENT.fullUrl }, { reference: 'Patient/2' }] }),
      400,
      'Bundle.entry[0].resource.focus[1]',
    ],
    [
      'a placeholder for nothing',
      message(
        'x',
        {},
        entry({
          fullUrl: OTHER_URN,
          resource: { resourceType: 'Patient', link: [{ other: { reference: urn }, type: 'seealso' }] },
        }),
      ),
      422,
      'Bundle.entry[2].resource.link[0].other',
    ],
  ])('%s', async (_what, sent, status, expression) => {
    const { body } = await send(sent).expect(status);
    expect(body.resourceType).toBe('OperationOutcome');
    expect(body.issue[0].expression[0]).toContain(expression);
    expect(await stored('message=x')).toEqual([]);
  });

  test('what is no Bundle, or asks for what is not done', async () => {
    await send('{"resourceType":"Patient"}').expect(400);
    await api().post('/$process-message').expect(400);
    await api().get('/$process-message').expect(405);
    await api().post('/MessageHeader/$process-message').expect(404);
    for (const query of ['?async=true', '?response-url=http://s.example']) {
      const { body } = await send(message('x'), query).expect(422);
      expect(body.issue[0].diagnostics).toContain('leave out async and response-url');
    }
    await send(message('x'), '?async=perhaps').expect(400);
    await send(message('x'), '?other=1').expect(400);
    expect(await stored('message=x')).toEqual([]);
    await send(message('x-sync'), '?async=false').expect(200);
  });

  test('another message with the Bundle.id of one before', async () => {
    await answered(message('first'));
    const { body } = await send(message('second', {}, { id: 'sending-first' })).expect(409);
    expect(body.issue[0]).toMatchObject({ code: 'duplicate', expression: ['Bundle.id'] });
    expect(await stored('message=second')).toEqual([]);
  });

  test('an answer that somebody has overwritten is no answer', async () => {
    const { id } = await answered(message('overwritten'));
    const other = { resourceType: 'Bundle', id, type: 'collection' };
    await api().put(`/Bundle/${id}`).set('Content-Type', FHIR).send(JSON.stringify(other)).expect(200);
    await send(message('overwritten')).expect(409);
    await api().delete(`/Bundle/${id}`).expect(204);
    expect(headerOf(await answered(message('overwritten'))).response.code).toBe('ok');
  });
});

(EXAMPLES === undefined ? test.skip : test)("takes HL7's example of a request, and no answer", async () => {
  const bundles = [...archivedFiles(EXAMPLES!)]
    // Of both the patient has another id than its fullUrl says.
    .map(({ name, content }) => ({ name, text: content.toString().replaceAll('"pat2"', '"pat12"') }))
    .filter(({ name, text }) => name.includes('/Bundle-') && /"type"\s*:\s*"message"/.test(text));
  expect(bundles).toHaveLength(2);
  const statuses = await Promise.all(bundles.map(async ({ text }) => (await send(text)).status));
  expect(statuses.sort()).toEqual([200, 422]);
});
