import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR } from '../rest/support.ts';
import { documentServer, names, OBSERVATION, type Document } from './documentSupport.ts';
import { to } from './support.ts';

const { api, base, put, post, compose, documentOf } = documentServer();

describe('$document', () => {
  const whole = {
    subject: to('Patient/p'),
    encounter: to('Encounter/e'),
    author: [to('Practitioner/author'), to('Practitioner/author')],
    attester: [{ mode: 'legal', party: to('RelatedPerson/attester') }],
    custodian: to('Organization/custodian'),
    event: [{ detail: [to('Procedure/event')] }],
    contained: [{ resourceType: 'PractitionerRole', id: 'role', organization: to('Organization/contained') }],
    section: [
      {
        title: 'A',
        author: [to('Device/author'), to('#role')],
        focus: to('Observation/focus'),
        entry: [to('Observation/one'), to('Observation/two')],
        section: [{ title: 'B', section: [{ title: 'C', entry: [to('Observation/deep')] }] }],
      },
    ],
    extension: [{ url: 'urn:x', valueReference: to('Organization/extension') }],
  };

  beforeAll(() => compose('whole', whole));

  test('is a document: first the Composition, then all that it refers to, each once and with its URL', async () => {
    const before = Date.now();
    const document = await documentOf('/Composition/whole/$document');
    expect(document).toMatchObject({ resourceType: 'Bundle', type: 'document' });
    expect(document.id).toBeUndefined();
    expect(document.identifier.system).toBe('urn:ietf:rfc:3986');
    expect(document.identifier.value).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(Date.parse(document.timestamp)).toBeGreaterThanOrEqual(before);
    expect(document.meta).toEqual({ lastUpdated: document.timestamp });
    const [first, ...others] = names(document);
    expect(first).toBe('Composition/whole');
    expect(others.sort()).toEqual([
      'Device/author',
      'Encounter/e',
      'Observation/deep',
      'Observation/focus',
      'Observation/one',
      'Observation/two',
      'Organization/contained',
      'Organization/custodian',
      'Organization/extension',
      'Patient/p',
      'Practitioner/author',
      'Procedure/event',
      'RelatedPerson/attester',
    ]);
    for (const { fullUrl, resource } of document.entry) {
      expect(fullUrl).toBe(`${base()}/${resource.resourceType}/${resource.id}`);
    }
    expect((await documentOf('/Composition/whole/$document')).identifier).not.toEqual(document.identifier);
    const { body } = await api().get('/Bundle?_total=accurate').expect(200);
    expect(body.total).toBe(0);
  });

  test('comes by POST, and at the type by an id or URL', async () => {
    const asked = [
      await post('/Composition/whole/$document', []).expect(200),
      await post('/Composition/$document', [{ name: 'id', valueUri: 'whole' }]).expect(200),
      await api().get('/Composition/$document?id=whole').expect(200),
      await api().get('/Composition/$document?id=Composition/whole').expect(200),
      await api().get(`/Composition/$document?id=${base()}/Composition/whole`).expect(200),
    ];
    for (const { body } of asked) expect(names(body as Document)).toHaveLength(14);
  });

  test('gives every resource as it is stored, to the digit, and in XML', async () => {
    const text =
      '{"resourceType":"Observation","id":"digits","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}';
    await api().put('/Observation/digits').set('Content-Type', FHIR).send(text).expect(201);
    await compose('digits', { section: [{ entry: [to('Observation/digits')] }] });
    const { text: document } = await api().get('/Composition/digits/$document').buffer(true).expect(200);
    const { text: stored } = await api().get('/Observation/digits').buffer(true).expect(200);
    expect(document).toContain(stored);
    const xml = await api().get('/Composition/digits/$document?_format=xml').buffer(true).expect(200);
    expect(xml.text).toContain('<type value="document"/>');
    expect(xml.text).toContain('<value value="1.50"/>');
  });

  test('leaves alone what is elsewhere, or no resource', async () => {
    await compose('elsewhere', {
      author: [
        to('http://other.example/fhir/Practitioner/1'),
        to('urn:uuid:0e4d7c2f-0000-4000-8000-000000000001'),
        { identifier: { system: 'urn:x', value: '1' } },
        { display: 'Somebody' },
        to(`${base()}/Practitioner/author`),
      ],
    });
    const document = await documentOf('/Composition/elsewhere/$document');
    expect(names(document)).toEqual(['Composition/elsewhere', 'Practitioner/author']);
  });

  test('has the documents that it replaces where they are there', async () => {
    await compose('replacing', {
      relatesTo: [
        { code: 'replaces', targetReference: to('Composition/whole') },
        { code: 'appends', targetReference: to('Composition/never') },
      ],
    });
    const document = await documentOf('/Composition/replacing/$document');
    expect(names(document)).toEqual(['Composition/replacing', 'Practitioner/author', 'Composition/whole']);
  });

  test('has the items of the Lists that stand for sections, where they are there', async () => {
    await put('List/l', {
      status: 'current',
      mode: 'working',
      subject: to('Patient/p'),
      entry: [
        { item: to('Observation/item') },
        { item: to('Observation/never') },
        { item: to('List/inner') },
      ],
    });
    await put('List/inner', {
      status: 'current',
      mode: 'working',
      entry: [{ item: to('Observation/one') }],
    });
    await compose('list', { section: [{ entry: [to('List/l')] }] });
    expect(names(await documentOf('/Composition/list/$document')).slice(1)).toEqual([
      'Practitioner/author',
      'List/l',
      'Observation/item',
      'List/inner',
    ]);
  });

  test('has the version that a reference names, beside the current one where that is meant too', async () => {
    await put('Observation/versions', { ...OBSERVATION, code: { text: 'old' } });
    await put('Observation/versions', { ...OBSERVATION, code: { text: 'new' } });
    const [old, current] = ['Observation/versions/_history/1', 'Observation/versions/_history/2'];
    await compose('old', { section: [{ entry: [to(old)] }] });
    await compose('both', { section: [{ entry: [to(old), to('Observation/versions'), to(current)] }] });
    const codes = async (id: string) =>
      (await documentOf(`/Composition/${id}/$document`)).entry
        .slice(2)
        .map(({ fullUrl, resource }) => [fullUrl, (resource.code as { text: string }).text]);
    const fullUrl = `${base()}/Observation/versions`;
    expect(await codes('old')).toEqual([[fullUrl, 'old']]);
    expect(await codes('both')).toEqual([
      [fullUrl, 'old'],
      [fullUrl, 'new'],
    ]);
  });

  test('has the bytes of a Binary that was uploaded as it is', async () => {
    await api().put('/Binary/scan').set('Content-Type', 'image/png').send(Buffer.from('png')).expect(201);
    await compose('binary', { section: [{ entry: [to('Binary/scan')] }] });
    const document = await documentOf('/Composition/binary/$document');
    expect(document.entry.at(-1)!.resource).toMatchObject({
      id: 'scan',
      contentType: 'image/png',
      data: Buffer.from('png').toString('base64'),
    });
  });

  test('is of one moment, whatever is written meanwhile', async () => {
    const stamped = (n: number) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ['Patient', 'Organization', 'Device'].map((resourceType) => ({
        resource: {
          resourceType,
          id: 'moment',
          language: `x-${n}`,
          ...(resourceType === 'Organization' && { name: 'x' }),
        },
        request: { method: 'PUT', url: `${resourceType}/moment` },
      })),
    });
    const write = (n: number) =>
      api()
        .post('/')
        .set('Content-Type', FHIR)
        .send(JSON.stringify(stamped(n)));
    await write(0).expect(200);
    await compose('moment', {
      subject: to('Patient/moment'),
      custodian: to('Organization/moment'),
      section: [{ entry: [to('Device/moment')] }],
    });
    let done = false;
    const writing = (async () => {
      for (let n = 1; n <= 40; n++) await write(n).expect(200);
      done = true;
    })();
    let read = 0;
    while (!done || read === 0) {
      const { entry } = await documentOf('/Composition/moment/$document');
      const stamps = new Set(entry.slice(2).map(({ resource }) => resource.language));
      expect([...stamps]).toHaveLength(1);
      read++;
    }
    await writing;
  });
});

describe('$document with persist', () => {
  beforeAll(async () => {
    await put('Patient/active', { active: true });
    await compose('kept', { subject: to('Patient/active') });
  });

  test('stores the document as a Bundle, and says where', async () => {
    const call = () => api().get('/Composition/kept/$document?persist=true');
    const answer = await call().expect(200);
    const document = answer.body as Document;
    expect(answer.headers.location).toBe(`${base()}/Bundle/${document.id}/_history/1`);
    const { body: stored } = await api().get(`/Bundle/${document.id}`).expect(200);
    expect(stored).toEqual(document);
    expect(names(document)).toEqual(['Composition/kept', 'Practitioner/author', 'Patient/active']);
    const { body: found } = await api().get('/Bundle?composition=Composition/kept').expect(200);
    expect(found.entry).toHaveLength(1);
    for (const query of ['composition.patient.active=true', 'composition.title=summary']) {
      expect((await api().get(`/Bundle?type=document&${query}`).expect(200)).body.entry).toHaveLength(1);
    }
    const { value } = document.identifier;
    const { body: byIdentifier } = await api().get(`/Bundle?identifier=${value}&type=document`).expect(200);
    expect(byIdentifier.entry).toHaveLength(1);
    expect((await call().expect(200)).body.id).not.toBe(document.id);
    await post('/Composition/kept/$document', [{ name: 'persist', valueBoolean: true }]).expect(200);
    const { body: all } = await api().get('/Bundle?composition=kept').expect(200);
    expect(all.entry).toHaveLength(3);
  });

  test('also in a batch', async () => {
    const entry = [{ request: { method: 'GET', url: 'Composition/kept/$document?persist=true' } }];
    const batch = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry });
    const { body } = await api().post('/').set('Content-Type', FHIR).send(batch).expect(200);
    const [{ resource, response }] = body.entry;
    expect(response).toEqual({
      status: '200 OK',
      location: `${base()}/Bundle/${resource.id}/_history/1`,
    });
  });

  test('stores nothing where it is false', async () => {
    const answer = await api().get('/Composition/kept/$document?persist=false').expect(200);
    expect(answer.headers.location).toBeUndefined();
  });
});
