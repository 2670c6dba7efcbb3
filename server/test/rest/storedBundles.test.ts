import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { archivedFiles, sharedPath } from '../support/sharedData.ts';
import { firstDifference, parseByText, withoutServerMeta } from '../acceptance/support/exactJson.ts';
import { FHIR, serverForFile } from './support.ts';

const EXAMPLES = sharedPath('data/r4-examples-4.0.1.tgz');

/** Those that break rules of R4: an unknown part of an extension, fullUrls that end in another id than the resource has. */
const FAULTY = new Set(['Bundle-hla-1.json', 'Bundle-lri-example.json']);

interface Stored {
  resourceType: 'Bundle';
  id: string;
  type: string;
  entry: { fullUrl?: string; resource: Record<string, unknown> }[];
}

/** HL7's Bundles, as text by id. */
function exampleBundles(): Map<string, string> {
  const found = [...archivedFiles(EXAMPLES!)]
    .filter(({ name }) => /\/Bundle-[^/]*\.json$/.test(name) && !FAULTY.has(path.basename(name)))
    // Of the messages the patient has another id than its fullUrl says.
    .map(({ content }) => content.toString().replaceAll('"pat2"', '"pat12"'));
  return new Map(found.map((text) => [(JSON.parse(text) as Stored).id, text]));
}

const { api } = serverForFile();

/** Ids of what is found, or what is wrong. */
const ids = async (query: string, status = 200) => {
  const { body } = await api().get(`/Bundle?${query}`).expect(status);
  if (status !== 200) return (body as { issue: { diagnostics: string }[] }).issue[0]!.diagnostics;
  return ((body.entry ?? []) as { resource: Stored }[]).map(({ resource }) => resource.id).sort();
};
const put = (id: string, text: string) => api().put(`/Bundle/${id}`).set('Content-Type', FHIR).send(text);
const readBack = async (id: string) => (await api().get(`/Bundle/${id}`).buffer(true).expect(200)).text;
/** The first difference that is none of the server's own: id, version and time. */
const unlike = (sent: string, got: string) => firstDifference(content(sent), content(got));
const content = (text: string) => ({ ...(withoutServerMeta(parseByText(text)) as object), id: undefined });

(EXAMPLES === undefined ? describe.skip : describe)("HL7's Bundles", () => {
  let texts: Map<string, string>;
  beforeAll(async () => {
    texts = exampleBundles();
    for (const [id, text] of texts) await put(id, text).expect(201);
  });

  test('are stored and read as they are, whatever their type', async () => {
    const types = new Set<string>();
    for (const [id, text] of texts) {
      expect([id, unlike(text, await readBack(id))]).toEqual([id, undefined]);
      types.add((JSON.parse(text) as Stored).type);
    }
    expect([...types].sort()).toEqual([
      'batch',
      'batch-response',
      'collection',
      'document',
      'message',
      'searchset',
      'transaction',
      'transaction-response',
    ]);
  });

  test('can be created by POST, under an id of the server', async () => {
    for (const text of texts.values()) {
      const created = await api().post('/Bundle').set('Content-Type', FHIR).send(text).expect(201);
      const { id } = created.body as Stored;
      expect([id, unlike(text, await readBack(id))]).toEqual([id, undefined]);
      await api().delete(`/Bundle/${id}`).expect(204);
    }
  });

  test('are found by their parameters', async () => {
    const documents = ['father'];
    const messages = ['10bb101f-a121-4264-a920-67be9cb82c74', '3a0707d3-549e-4467-b8b8-5a2ab3800efe'];
    expect(await ids('type=document')).toEqual(documents);
    expect(await ids('type=message')).toEqual(messages);
    expect(await ids('type=searchset')).toEqual(['bundle-example', 'bundle-search-warning']);
    expect(await ids('identifier=urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0')).toEqual(documents);
    expect(await ids('identifier=urn:ietf:rfc:3986|urn:nobody')).toEqual([]);
    expect(await ids('timestamp=2013-05-28')).toEqual(documents);
    expect(await ids('timestamp=gt2015-01-01&timestamp=lt2016-01-01')).toEqual(messages);
    expect(await ids('composition=Composition/180f219f-97a8-486d-99d9-ed631fe4fc57')).toEqual(documents);
    expect(await ids('composition=180f219f-97a8-486d-99d9-ed631fe4fc57')).toEqual(documents);
    expect(await ids('message=267b18ce-3d37-4581-9baa-6fada338038b')).toEqual([messages[0]]);
    expect(await ids('message:missing=false')).toEqual(messages);
    expect(await ids('composition:missing=false')).toEqual(documents);
    expect(await ids('composition=Composition/101')).toEqual([]);
  });

  test('are found by what is in their Composition or MessageHeader', async () => {
    const documents = ['father'];
    const [request, response] = [
      '10bb101f-a121-4264-a920-67be9cb82c74',
      '3a0707d3-549e-4467-b8b8-5a2ab3800efe',
    ];
    expect(await ids('composition.title=discharge')).toEqual(documents);
    expect(await ids('composition:Composition.date=2013-02-01')).toEqual(documents);
    expect(await ids('composition.type=http://loinc.org|28655-9')).toEqual(documents);
    expect(await ids('composition.status:not=final&type=document')).toEqual([]);
    expect(await ids('composition.section:missing=false')).toEqual(documents);
    expect(await ids('message.source-uri=http://example.org/clients/ehr-lite')).toEqual([request]);
    expect(await ids('message.event=patient-link')).toEqual([request, response]);
    expect(await ids('message.response-id:missing=false')).toEqual([response]);
    expect(await ids('message.response-id=efdd254b-0e09-4164-883e-35cf3871715f')).toEqual([response]);
    expect(await ids('message.code=ok&message.destination-uri:missing=true')).toEqual([response]);
    expect(await ids('_filter=composition.date ge 2013 and type eq document')).toEqual(documents);
    expect(await ids('_sort=-composition.date&type=document')).toEqual(documents);
    expect(await ids('message.title=x', 400)).toContain("no search parameter 'message.title'");
    expect(await ids('composition._has:Bundle:composition:type=x', 400)).toContain('leads to what is in it');
  });
});

const NESTED = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    { fullUrl: 'urn:uuid:0e4d7c2f-0000-4000-8000-000000000001', resource: { resourceType: 'Patient' } },
    {
      fullUrl: 'urn:uuid:0e4d7c2f-0000-4000-8000-000000000002',
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: 'urn:uuid:0e4d7c2f-0000-4000-8000-000000000001' },
        performer: [{ reference: 'Practitioner?identifier=nobody' }],
        valueQuantity: { value: 1 },
      },
    },
  ],
};
const DECIMALS = JSON.stringify(NESTED).replace('"value":1}', '"value":1.00}');
const asSent = (stored: string) => stored.replace(/"id":"[^"]*","meta":\{[^}]*\},/, '');

describe('what is inside of a Bundle that is stored', () => {
  test('stays as it is: conditional references are of nobody else', async () => {
    const created = await api().post('/Bundle').set('Content-Type', FHIR).send(DECIMALS).expect(201);
    expect(asSent(await readBack((created.body as Stored).id))).toBe(DECIMALS);
    const text = DECIMALS.replace('{', '{"id":"nested",');
    await put('nested', text).expect(201);
    expect(asSent(await readBack('nested'))).toBe(DECIMALS);
  });

  test.each(['transaction', 'batch'])('stays as it is in a %s that has such entries itself', async (type) => {
    const patient = { resourceType: 'Patient', active: true };
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'outside' },
      focus: [{ reference: 'urn:uuid:0e4d7c2f-0000-4000-8000-00000000000b' }],
    };
    const outer = {
      resourceType: 'Bundle',
      type,
      entry: [
        { ...NESTED.entry[0], resource: patient, request: { method: 'POST', url: 'Patient' } },
        {
          fullUrl: 'urn:uuid:0e4d7c2f-0000-4000-8000-00000000000b',
          resource: '#nested',
          request: { method: 'POST', url: 'Bundle' },
        },
        { resource: observation, request: { method: 'POST', url: 'Observation' } },
      ],
    };
    const sent = JSON.stringify(outer).replace('"#nested"', DECIMALS);
    const answer = await api()
      .post('/')
      .set('Content-Type', FHIR)
      .set('Prefer', 'return=representation')
      .send(sent)
      .expect(200);
    const [, bundle, linked] = (answer.body as Stored).entry.map(({ resource }) => resource);
    expect(asSent(await readBack((bundle as unknown as Stored).id))).toBe(DECIMALS);
    if (type === 'transaction') {
      expect(linked!.focus).toEqual([{ reference: `Bundle/${String(bundle!.id)}` }]);
    }
  });

  test('and what this server has answered can be stored: histories and search results', async () => {
    await api().put('/Patient/h').set('Content-Type', FHIR).send('{"resourceType":"Patient","id":"h"}');
    await api().delete('/Patient/h').expect(204);
    for (const path of ['/Patient/h/_history', '/Bundle?type=collection']) {
      const answer = await api().get(path).buffer(true).expect(200);
      const { type } = answer.body as Stored;
      const created = await api().post('/Bundle').set('Content-Type', FHIR).send(answer.text).expect(201);
      const { id } = created.body as Stored;
      expect(unlike(answer.text, await readBack(id))).toBeUndefined();
      expect(await ids(`type=${type}&_count=50`)).toContain(id);
    }
  });

  test('an update makes a version, a deletion removes it from the searches', async () => {
    const version = (text: string) =>
      JSON.stringify({
        ...NESTED,
        id: 'versions',
        identifier: { system: 'urn:t', value: text },
        timestamp: '2026-01-31T09:30:00Z',
      });
    await put('versions', version('one')).expect(201);
    await put('versions', version('two')).expect(200);
    expect(await ids('identifier=urn:t|one')).toEqual([]);
    expect(await ids('identifier=urn:t|two&timestamp=2026-01-31')).toEqual(['versions']);
    await api().delete('/Bundle/versions').expect(204);
    expect(await ids('identifier=urn:t|two')).toEqual([]);
  });
});
