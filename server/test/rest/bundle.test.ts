import { describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile({ transactionEntriesMax: 50 });

interface Answer {
  type: string;
  entry: {
    fullUrl?: string;
    resource?: Record<string, unknown>;
    response: { status: string; location?: string; etag?: string; outcome?: object };
  }[];
}

const send = (type: 'batch' | 'transaction', entry: object[], prefer = 'return=representation') =>
  api()
    .post('/')
    .set('Content-Type', FHIR)
    .set('Prefer', prefer)
    .send(fhir({ resourceType: 'Bundle', type, entry }));
const create = (resource: { resourceType: string }, fullUrl?: string) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType },
});
const put = (resource: { resourceType: string; id: string }, more: object = {}) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}`, ...more },
});
const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more });
const count = async (path: string) => ((await api().get(path).expect(200)).body.entry ?? []).length as number;

describe('transaction', () => {
  test('references between its entries are resolved, whatever their order', async () => {
    const answer = await send('transaction', [
      create(
        {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: 'urn:uuid:p' },
          valueQuantity: { value: 1.5 },
        } as never,
        'urn:uuid:o',
      ),
      create({ resourceType: 'Patient', active: true } as never, 'urn:uuid:p'),
    ]).expect(200);
    const bundle = answer.body as Answer;
    expect(bundle.type).toBe('transaction-response');
    expect(bundle.entry.map((entry) => entry.response.status)).toEqual(['201 Created', '201 Created']);
    const [observation, subject] = bundle.entry.map((entry) => entry.resource!);
    expect(observation!.subject).toEqual({ reference: `Patient/${subject!.id as string}` });
    expect(bundle.entry[1]!.response.location).toBe(`${base()}/Patient/${subject!.id as string}/_history/1`);
    expect(await count(`/Observation?subject=Patient/${subject!.id as string}`)).toBe(1);
    expect(observation!.meta).toMatchObject({
      lastUpdated: (subject!.meta as { lastUpdated: string }).lastUpdated,
    });
  });

  test('decimals keep their digits in it', async () => {
    const text = `{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:a","resource":{"resourceType":"Observation","status":"final",
      "code":{"text":"x"},"subject":{"reference":"urn:uuid:b"},"valueQuantity":{"value":7.40}},"request":{"method":"POST","url":"Observation"}},
      {"fullUrl":"urn:uuid:b","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}`;
    const answer = await api()
      .post('/')
      .set('Content-Type', FHIR)
      .set('Prefer', 'return=representation')
      .send(text)
      .expect(200);
    const { id, subject } = (answer.body as Answer).entry[0]!.resource as {
      id: string;
      subject: { reference: string };
    };
    expect(subject.reference).toMatch(/^Patient\//);
    expect((await api().get(`/Observation/${id}`)).text).toContain('"value":7.40');
  });

  test('every kind of write at once, and reads behind them', async () => {
    await send('transaction', [put(patient('tx-a')), put(patient('tx-b'))]).expect(200);
    const answer = await send('transaction', [
      { request: { method: 'GET', url: 'Patient/tx-a' } },
      put(patient('tx-a', { active: true }), { ifMatch: 'W/"1"' }),
      { request: { method: 'DELETE', url: 'Patient/tx-b' } },
      { request: { method: 'GET', url: 'Patient/tx-b/_history/1' } },
      put(patient('tx-c')),
    ]).expect(200);
    const bundle = answer.body as Answer;
    expect(bundle.entry.map((entry) => entry.response.status)).toEqual([
      '200 OK',
      '200 OK',
      '204 No Content',
      '200 OK',
      '201 Created',
    ]);
    expect(bundle.entry[0]!.resource).toMatchObject({ active: true });
  });

  test('one entry that fails undoes all, and is named', async () => {
    const refused = await send('transaction', [
      put(patient('tx-undone')),
      put(patient('tx-a2'), { ifMatch: 'W/"7"' }),
    ]).expect(412);
    expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[1].request.ifMatch']);
    await api().get('/Patient/tx-undone').expect(404);
    const invalid = await send('transaction', [
      put(patient('tx-undone')),
      put(patient('tx-x', { nonsense: true })),
    ]).expect(400);
    expect(invalid.body.issue[0].expression[0]).toBe('Bundle.entry[1].resource.nonsense');
    await api().get('/Patient/tx-undone').expect(404);
  });

  test.each(['Nonsense/1', '../Patient', 'Patient/%zz', 'Patient/1/_history', 'Patient?nonsense=1'])(
    'a URL that means nothing here (%s) is a fault of its entry',
    async (url) => {
      const entries = [put(patient('tx-undone')), { request: { method: 'DELETE', url } }];
      const refused = await send('transaction', entries).expect(400);
      expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[1].request.url']);
      expect(refused.headers.allow).toBeUndefined();
      await api().get('/Patient/tx-undone').expect(404);
    },
  );

  test.each([
    ['the same resource twice', [put(patient('twice')), put(patient('twice'))]],
    ['the same fullUrl twice', [create(patient('1'), 'urn:uuid:x'), create(patient('2'), 'urn:uuid:x')]],
    ['no request', [{ resource: patient('1') }]],
    ['no resource', [{ request: { method: 'PUT', url: 'Patient/1' } }]],
    ['an unknown type', [{ request: { method: 'DELETE', url: 'Nonsense/1' } }]],
    ['an unknown method', [{ request: { method: 'SEARCH', url: 'Patient/1' } }]],
    [
      'another type than the URL',
      [{ resource: patient('1'), request: { method: 'PUT', url: 'Observation/1' } }],
    ],
    ['another id than the URL', [{ resource: patient('1'), request: { method: 'PUT', url: 'Patient/2' } }]],
    [
      'a conditional create without criteria',
      [{ resource: patient('1'), request: { method: 'POST', url: 'Patient', ifNoneExist: '' } }],
    ],
    [
      'a conditional update by an unknown parameter',
      [{ resource: patient('1'), request: { method: 'PUT', url: 'Patient?nonsense=x' } }],
    ],
    [
      'a read of what is not there',
      [put(patient('1')), { request: { method: 'GET', url: 'Patient/never' } }],
    ],
    ['a search that cannot be used', [{ request: { method: 'GET', url: 'Patient?nonsense=x' } }]],
    ['the capabilities', [{ request: { method: 'GET', url: 'metadata' } }]],
    ['a history', [{ request: { method: 'GET', url: 'Patient/_history' } }]],
    ['an operation', [{ request: { method: 'POST', url: 'Patient/$nothing' } }]],
    ['a search by POST', [{ request: { method: 'POST', url: 'Patient/_search?name=x' } }]],
  ])('refused: %s', async (_what, entries) => {
    const refused = await send('transaction', entries);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    expect(refused.body.issue[0].diagnostics.length).toBeGreaterThan(10);
  });

  test('an empty one is fine, one with too many entries is not', async () => {
    const empty = await api()
      .post('/')
      .set('Content-Type', FHIR)
      .send(fhir({ resourceType: 'Bundle', type: 'transaction' }));
    expect([empty.status, empty.body.type]).toEqual([200, 'transaction-response']);
    await send('transaction', []).expect(400); // an empty array is no FHIR
    await send(
      'transaction',
      Array.from({ length: 51 }, (_, i) => put(patient(`many-${i}`))),
    ).expect(413);
  });

  test('Prefer: return=minimal leaves the resources out', async () => {
    const answer = await send('transaction', [put(patient('tx-minimal'))], 'return=minimal').expect(200);
    expect((answer.body as Answer).entry[0]!.resource).toBeUndefined();
  });
});

describe('batch', () => {
  test('every entry by itself', async () => {
    const answer = await send('batch', [
      put(patient('b-1')),
      put(patient('b-2', { nonsense: 1 })),
      { request: { method: 'GET', url: 'Patient/never-was' } },
      create(patient('ignored')),
      { request: { method: 'DELETE', url: 'Patient/never-was' } },
      { request: { method: 'NONSENSE', url: 'Patient/1' } },
    ]).expect(200);
    const bundle = answer.body as Answer;
    expect(bundle.type).toBe('batch-response');
    expect(bundle.entry.map((entry) => entry.response.status.slice(0, 3))).toEqual([
      '201',
      '400',
      '404',
      '201',
      '204',
      '400',
    ]);
    expect(bundle.entry[1]!.response.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
    await api().get('/Patient/b-1').expect(200);
    await api().get('/Patient/b-2').expect(404);
  });

  test('what is no bundle to run is refused', async () => {
    const post = (resource: object) => api().post('/').set('Content-Type', FHIR).send(fhir(resource));
    await post({ resourceType: 'Patient' }).expect(400);
    await post({ resourceType: 'Bundle', type: 'collection' }).expect(400);
    await post({ resourceType: 'Bundle', type: 'batch', entry: {} }).expect(400);
    await post({ resourceType: 'Bundle', type: 'batch', entry: [1] }).expect(400);
  });
});

test('a batch entry that is no request fails alone', async () => {
  const answer = await send('batch', [
    { request: null },
    { request: { method: { toString: 1 }, url: 'Patient/1' } },
    { request: { method: 'GET', url: { toString: 1 } } },
    put(patient('shape'), { ifMatch: 5 }),
    put(patient('shape'), { ifMatch: null }),
    put(patient('shape')),
  ]).expect(200);
  const { entry } = answer.body as Answer;
  expect(entry.map(({ response }) => response.status.slice(0, 3))).toEqual([
    '400',
    '400',
    '400',
    '400',
    '400',
    '201',
  ]);
});
