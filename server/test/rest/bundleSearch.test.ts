import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

interface Answer {
  entry: {
    resource?: {
      resourceType: string;
      type?: string;
      total?: number;
      link?: { relation: string; url: string }[];
      entry?: { resource: { id: string }; search: { mode: string } }[];
    };
    response: { status: string; outcome?: { issue: { diagnostics: string }[] } };
  }[];
}

const send = async (type: 'batch' | 'transaction', entry: object[], prefer = '') => {
  const bundle = fhir({ resourceType: 'Bundle', type, entry });
  const answer = await api()
    .post('/')
    .set('Content-Type', FHIR)
    .set('Prefer', prefer)
    .send(bundle)
    .expect(200);
  return (answer.body as Answer).entry;
};
const search = (url: string, method = 'GET') => ({ request: { method, url } });
const put = (type: string, id: string, more: object = {}) => ({
  resource: { resourceType: type, id, ...more },
  request: { method: 'PUT', url: `${type}/${id}` },
});
const ids = ({ resource }: Answer['entry'][number]) =>
  (resource?.entry ?? []).map((entry) => entry.resource.id);

beforeAll(async () => {
  await send('transaction', [
    put('Patient', 'a', { active: true }),
    put('Patient', 'b', { active: false }),
    put('Condition', 'c', { subject: { reference: 'Patient/a' } }),
  ]);
});

describe('a batch', () => {
  test('searches types, compartments and the system', async () => {
    const answers = await send('batch', [
      search('Patient?active=true'),
      search('Patient/a/Condition'),
      search('Patient/a/*?_type=Condition'),
      search('?_type=Patient&_count=0'),
      search(`${base()}/Patient?_sort=-_id&_count=1`),
      search('Patient?_id=a&_revinclude=Condition:subject'),
    ]);
    expect(answers.map(({ response }) => response.status)).toEqual(Array(6).fill('200 OK'));
    expect(answers.map(ids)).toEqual([['a'], ['c'], ['c'], [], ['b'], ['a', 'c']]);
    expect(answers[0]!.resource).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    expect(answers[3]!.resource!.total).toBe(2);
    const links = answers[4]!.resource!.link!;
    expect(links.map(({ relation }) => relation)).toEqual(['self', 'next', 'first']);
    const next = await api().get(links[1]!.url.slice(base().length)).expect(200);
    expect((next.body as { entry: { resource: { id: string } }[] }).entry[0]!.resource.id).toBe('a');
  });

  test('a search that cannot be used fails alone, or leaves it out', async () => {
    const entries = [search('Patient?nonsense=1&_id=a'), search('Patient?_id=a')];
    const strict = await send('batch', entries);
    expect(strict.map(({ response }) => response.status.slice(0, 3))).toEqual(['400', '200']);
    expect(strict[0]!.response.outcome!.issue[0]!.diagnostics).toContain('nonsense');
    const lenient = await send('batch', entries, 'handling=lenient');
    expect(lenient[0]!.resource!.entry!.map((entry) => entry.search.mode)).toEqual(['match', 'outcome']);
  });

  test('many searches at once', async () => {
    const answers = await send('batch', Array(100).fill(search('Patient?active=true')) as object[]);
    expect(new Set(answers.map((answer) => ids(answer).join()))).toEqual(new Set(['a']));
  });

  test('what is no search of a batch fails alone', async () => {
    const answers = await send('batch', [
      search('Patient/_search?active=true', 'POST'),
      search('Patient/$nothing', 'POST'),
      search('$nothing'),
      search('Patient/a/Nonsense'),
      search('Patient/$nothing?active=true', 'DELETE'),
      search('Patient?active=true'),
    ]);
    expect(answers.map(({ response }) => response.status.slice(0, 3))).toEqual([
      '422',
      '404',
      '404',
      '404',
      '405',
      '200',
    ]);
  });
});

describe('a transaction', () => {
  test('searches after it has written', async () => {
    const answers = await send('transaction', [
      search('Patient?_id=new'),
      put('Patient', 'new'),
      search('Patient/new/*'),
    ]);
    expect([ids(answers[0]!), ids(answers[2]!)]).toEqual([['new'], ['new']]);
  });

  test('does nothing when one of its searches cannot be used', async () => {
    const entry = [put('Patient', 'undone'), search('Patient?nonsense=1')];
    const bundle = fhir({ resourceType: 'Bundle', type: 'transaction', entry });
    const { body } = await api().post('/').set('Content-Type', FHIR).send(bundle).expect(400);
    expect(body.issue[0].diagnostics).toContain('nonsense');
    expect(body.issue[0].expression).toEqual(['Bundle.entry[1].request.url']);
    await api().get('/Patient/undone').expect(404);
  });
});

test('a search of a transaction finds by the placeholders of its entries', async () => {
  const create = (fullUrl: string, resource: object) => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
  });
  const answers = await send('transaction', [
    search('Condition?subject=urn:uuid:patient,Patient/never&_include=Condition:subject'),
    create('urn:uuid:condition', {
      resourceType: 'Condition',
      id: 'c',
      subject: { reference: 'urn:uuid:patient' },
    }),
    create('urn:uuid:patient', { resourceType: 'Patient' }),
  ]);
  const made = answers
    .slice(1)
    .map(({ response }) => (response as { location?: string }).location!.split('/').at(-3));
  expect(ids(answers[0]!)).toEqual(made);
});
