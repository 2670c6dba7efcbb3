import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const put = (type: string, id: string, more: object) =>
  api()
    .put(`/${type}/${id}`)
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: type, id, ...more }))
    .expect(201);

beforeAll(async () => {
  await put('Patient', 'p1', { name: [{ family: 'Ärzte', given: ['Bela+B&=;%'] }] });
  await put('Patient', 'p2', { name: [{ family: 'Weiß' }] });
  const about = (id: string) => ({
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${id}` },
  });
  await put('Observation', 'o1', about('p1'));
  await put('Observation', 'o2', about('p2'));
  await put('Condition', 'c1', { subject: { reference: 'Patient/p1' } });
  await put('Encounter', 'e1', {
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: 'Patient/p1' },
  });
  await put('Observation', 'o3', { ...about('p1'), encounter: { reference: 'Encounter/e1' } });
});

interface Bundle {
  type: string;
  total?: number;
  link: { relation: string; url: string }[];
  entry?: { fullUrl: string; search: { mode: string } }[];
}

const found = (bundle: Bundle) =>
  (bundle.entry ?? []).map(({ fullUrl }) => fullUrl.slice(base().length + 1)).sort();
const get = async (path: string) => (await api().get(path).expect(200)).body as Bundle;
const post = async (path: string, form = '') =>
  (await api().post(path).type('form').send(form).expect(200)).body as Bundle;

describe.each<[string, string, string, string[]]>([
  ['the system', '', '_id=p1,o1', ['Observation/o1', 'Patient/p1']],
  ['the system', '', '_type=Patient,Condition', ['Condition/c1', 'Patient/p1', 'Patient/p2']],
  ['a type', '/Patient', 'name=w', ['Patient/p2']],
  ['a type in a compartment', '/Patient/p1/Observation', '', ['Observation/o1', 'Observation/o3']],
  ['a type in a compartment', '/Patient/p1/Observation', '_id=o1,o2', ['Observation/o1']],
  ['a type in a compartment', '/Encounter/e1/Observation', '', ['Observation/o3']],
  ['the type of a compartment', '/Patient/p1/Patient', '', ['Patient/p1']],
  [
    'a compartment',
    '/Patient/p1/*',
    '',
    ['Condition/c1', 'Encounter/e1', 'Observation/o1', 'Observation/o3', 'Patient/p1'],
  ],
  ['a compartment', '/Patient/p1/*', '_type=Condition,Encounter', ['Condition/c1', 'Encounter/e1']],
  ['an empty compartment', '/Patient/nobody/*', '', []],
])('of %s (%s?%s)', (_what, path, query, expected) => {
  test('by GET, HEAD and POST', async () => {
    const bundle = await get(`${path}?${query}`);
    expect([bundle.type, found(bundle)]).toEqual(['searchset', expected]);
    const self = bundle.link.find(({ relation }) => relation === 'self')!.url;
    expect(self).toBe(`${base()}${path}${query === '' ? '' : `?${query.replaceAll(',', '%2C')}`}`);
    expect(found(await get(self.slice(base().length)))).toEqual(expected);
    expect(await post(`${path}/_search`, query)).toEqual(bundle);
    expect(await post(`${path}/_search?${query}`)).toEqual(bundle);
    const head = await api().head(`${path}?${query}`).expect(200);
    expect(head.text).toBeUndefined();
    expect(Number(head.headers['content-length'])).toBeGreaterThan(50);
  });
});

test('parameters of the URL and of the form add up', async () => {
  expect(found(await post('/Patient/_search?_id=p1,p2', 'name=w'))).toEqual(['Patient/p2']);
  expect(found(await post('/Patient/p1/_search', '_type=Condition'))).toEqual(['Condition/c1']);
  expect(found(await post('/_search', '_type=Condition'))).toEqual(['Condition/c1']);
  await api().post('/Patient/_search?_count=1').type('form').send('_count=2').expect(400);
});

test('POST without a body takes the parameters of the URL', async () => {
  const search = () => api().post('/Patient/_search?name=w');
  for (const request of [search(), search().set('Content-Type', FHIR)]) {
    expect(found((await request.expect(200)).body as Bundle)).toEqual(['Patient/p2']);
  }
});

describe('a form', () => {
  test.each(['multipart/form-data; boundary=x', FHIR, 'text/plain'])('is no %s', async (contentType) => {
    await api().post('/Patient/_search').set('Content-Type', contentType).send('{}').expect(415);
  });

  test('may lack its type, which the client of HAPI loses where it compresses', async () => {
    const request = api().post('/Patient/_search').set('Content-Encoding', 'gzip');
    request.write(gzipSync('name=w'));
    expect(found((await request.expect(200)).body as Bundle)).toEqual(['Patient/p2']);
  });

  test('is UTF-8', async () => {
    const broken = Buffer.from([...Buffer.from('name='), 0xff]);
    const request = api().post('/Patient/_search').type('form');
    request.write(broken);
    expect((await request.expect(400)).body.issue[0].diagnostics).toContain('UTF-8');
  });

  test('may say how to answer', async () => {
    const { text } = await api()
      .post('/Patient/_search')
      .type('form')
      .send('name=w&_pretty=true')
      .expect(200);
    expect(text).toContain('\n  "resourceType"');
    await api().post('/Patient/_search').type('form').send('_format=html').expect(406);
    await api().post('/Patient/_search').type('form').send('_format=json').expect(200);
  });
});

describe('percent-encoding', () => {
  test.each(['%zz', '%ff', 'a%00'])('that is broken in a form is told of the form: %s', async (value) => {
    const sent = api().post('/Patient/_search').type('form').send(`family=${value}`);
    expect((await sent.expect(400)).body.issue[0].diagnostics).toMatch(/form (has|contains)/);
  });

  test.each<[string, string[]]>([
    ['family=%C3%84rzte', ['Patient/p1']],
    ['family=%c3%a4rzte', ['Patient/p1']],
    ['family=wei%C3%9F', ['Patient/p2']],
    ['%66amily=wei%C3%9F', ['Patient/p2']],
    ['given=Bela%2BB%26%3D%3B%25', ['Patient/p1']],
    ['given=Bela%2BB%26=%3B', ['Patient/p1']],
    ['given=Bela+B', []],
    ['_id=p1&', ['Patient/p1']],
    ['&_id=p1', ['Patient/p1']],
    ['_id=p1%2Cp2', ['Patient/p1', 'Patient/p2']],
  ])('%s', async (query, expected) => {
    const bundle = await get(`/Patient?${query}`);
    expect(found(bundle)).toEqual(expected);
    const self = bundle.link[0]!.url;
    expect(found(await get(self.slice(base().length)))).toEqual(expected);
  });

  test.each(['family=%zz', 'family=%', 'family=%C3', 'family=%ED%A0%80', 'family=%00', '%00=x'])(
    '%s is refused',
    async (query) => {
      await api().get(`/Patient?${query}`).expect(400);
      await api().post('/Patient/_search').type('form').send(query).expect(400);
    },
  );
});

describe('refused', () => {
  test.each<[string, number]>([
    ['/Observation/o1/Patient', 400],
    ['/Patient/p1/Organization', 400],
    ['/Patient/p1/Nonsense', 404],
    ['/Patient/p1/*?_type=Organization', 400],
    ['/?family=x', 400],
    ['/?_type=Nonsense', 400],
  ])('%s', async (path, status) => {
    const { body } = await api().get(path).expect(status);
    expect(body.issue[0].diagnostics.length).toBeGreaterThan(10);
  });

  test('other methods', async () => {
    const answer = await api().get('/Patient/_search?name=x').expect(405);
    expect(answer.headers.allow).toBe('POST, OPTIONS');
    await api().delete('/Patient/_search?name=x').expect(405);
    await api().post('/Patient/p1/Observation').expect(405);
  });
});
