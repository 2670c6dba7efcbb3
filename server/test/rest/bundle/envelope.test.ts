import { describe, expect, test } from '@jest/globals';
import { bundleSender, create, get, patient, put, statuses, type Body, type Entry } from './support.ts';
import { FHIR, fhir, serverForFile } from '../support.ts';

const { api } = serverForFile();
const { send, run } = bundleSender(api);

interface Refused {
  response: { status: string; outcome: { issue: { diagnostics: string; expression?: string[] }[] } };
}

/** The answer to an entry between two good ones, which it does not touch. */
async function answerTo(entry: object): Promise<[string, string | undefined]> {
  const neighbour = create({ resourceType: 'Basic', code: { text: 'x' } });
  const { body } = await send([neighbour, entry, neighbour], 'batch').expect(200);
  const answers = body.entry as [Entry, Refused, Entry];
  expect([answers[0].response.status, answers[2].response.status]).toEqual(['201 Created', '201 Created']);
  const { status, outcome } = answers[1].response;
  return [status.slice(0, 3), outcome?.issue[0]!.expression?.[0]];
}

describe('an entry of a batch with a fault around its resource is refused alone', () => {
  test.each(['POST', 'PUT', 'PATCH', 'GET', 'DELETE'])('no resource: %s', async (method) => {
    const url = method === 'POST' ? 'Patient' : 'Patient/x';
    for (const resource of [null, 5, []]) {
      expect(await answerTo({ resource, request: { method, url } })).toEqual([
        '400',
        'Bundle.entry[1].resource',
      ]);
    }
  });

  test.each<[string, { request?: object }, string]>([
    ['a misspelt ifNoneExist', { request: { ifNoneExists: 'identifier=1' } }, '.request.ifNoneExists'],
    ['a misspelt ifMatch', { request: { ifmatch: 'W/"1"' } }, '.request.ifmatch'],
    ['an unknown member', { nonsense: 1 } as object, '.nonsense'],
    ['a fullUrl that is no text', { fullUrl: 5 } as object, '.fullUrl'],
    ['a response', { response: { status: '200' } } as object, ''],
    ['no url', { request: { url: '' } }, '.request.url'],
    ['a link that is none', { link: [{ relation: 'self' }] } as object, '.link[0].url'],
  ])('%s', async (_what, more, expression) => {
    const good = create(patient('e-1'));
    const entry = { ...good, ...more, request: { ...good.request, ...more.request } };
    expect(await answerTo(entry)).toEqual(['400', `Bundle.entry[1]${expression}`]);
  });

  test('its resource is looked at when it is written', async () => {
    expect(await answerTo(create(patient('e-2', { nonsense: 1 })))).toEqual(['400', 'Patient.nonsense']);
  });
});

test.each([
  ['an unknown member', { nonsense: 1 }, 'Bundle.nonsense'],
  ['no entries', { entry: null }, 'Bundle.entry'],
  ['an empty array of entries', { entry: [] }, 'Bundle.entry'],
  ['a total that is not the number of entries', { total: 2 }, 'Bundle'],
])('a batch with a fault outside of its entries is refused: %s', async (_what, more, expression) => {
  const entry = [create(patient('e-3'))];
  const bundle = fhir({ resourceType: 'Bundle', type: 'batch', entry, ...more });
  const refused = await api().post('/').set('Content-Type', FHIR).send(bundle).expect(400);
  expect(refused.body.issue[0].expression[0]).toBe(expression);
  await api()
    .get('/Patient?identifier=e-3&_summary=count')
    .expect(200, /"total":0/);
});

describe('a fullUrl that is of another resource', () => {
  const at = (fullUrl: string, entry: object) => ({ fullUrl, ...entry });
  const url = 'http://x/fhir/Patient/zzz';
  const fm = (): Body => patient('f-1', { id: 'fm' });

  test.each([
    ['an update', at(url, put('Patient/fm', fm()))],
    ['a conditional update', at(url, put('Patient?identifier=f-1', fm()))],
    ['a create', at(url, create(fm()))],
    ['another type', at('http://x/fhir/Group/fm', put('Patient/fm', fm()))],
  ])('is refused: %s', async (_what, entry) => {
    const refused = await send([entry]).expect(400);
    expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[0].fullUrl']);
    expect(await answerTo(entry)).toEqual(['400', 'Bundle.entry[1].fullUrl']);
  });

  test.each([
    ['the same', at('http://x/fhir/Patient/fm', put('Patient/fm', fm()))],
    ['a placeholder', at('urn:uuid:5ee1b0c4-6d5b-4a2b-9d4b-7b5f9c1c0001', put('Patient/fm', fm()))],
    ['no type', at('http://x/things/zzz', put('Patient/fm', fm()))],
    ['no id to disagree with', at(url, create(patient('f-2')))],
  ])('is not: %s', async (_what, entry) => {
    expect(statuses(await run(entry))[0]).toMatch(/^20[01]$/);
  });
});

test.each(['batch', 'transaction'])('HEAD is answered without the resource: %s', async (type) => {
  const id = `head-${type}`;
  await run(put(`Patient/${id}`, patient(id, { id })));
  const head = (url: string) => ({ request: { method: 'HEAD', url } });
  const entries = [head(`Patient/${id}`), head(`Patient/${id}/_history/1`), head(`Patient?identifier=${id}`)];
  const { body } = await send([...entries, get(`Patient/${id}`)], type).expect(200);
  const answers = body.entry as Entry[];
  expect(statuses(answers)).toEqual(['200', '200', '200', '200']);
  expect(answers.map(({ resource }) => resource?.id)).toEqual([undefined, undefined, undefined, id]);
  expect(answers.slice(0, 3).some((answer) => 'resource' in answer)).toBe(false);
  expect(answers[0]!.response.etag).toBe('W/"1"');
});

test('a version that is not there is named', async () => {
  await run(put('Patient/versions', patient('h-2', { id: 'versions' })));
  const text = 'There is no version 99 of a Patient with the id versions';
  const alone = await api().get('/Patient/versions/_history/99').expect(404);
  expect(alone.body.issue[0].diagnostics).toContain(text);
  for (const type of ['batch', 'transaction']) {
    expect((await send([get('Patient/versions/_history/99')], type)).text).toContain(text);
  }
});
