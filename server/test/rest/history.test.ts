import { expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

interface Entry {
  fullUrl: string;
  resource?: { id: string; meta: { versionId: string; lastUpdated: string } };
  request: { method: string; url: string };
  response: { status: string; etag: string; lastModified: string };
}
interface History {
  type: string;
  entry?: Entry[];
  link: { relation: string; url: string }[];
}

const put = (id: string, more: object = {}) =>
  api()
    .put(`/Patient/${id}`)
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Patient', id, ...more }));
const history = async (path: string) => (await api().get(path).expect(200)).body as History;
const tags = (bundle: History) => (bundle.entry ?? []).map((entry) => entry.response.etag);
const nextOf = (bundle: History) =>
  bundle.link.find((link) => link.relation === 'next')?.url.slice(base().length);

test("an instance's versions, newest first, in pages", async () => {
  for (let i = 0; i < 5; i++) await put('paged', { active: i % 2 === 0 });
  const first = await history('/Patient/paged/_history?_count=2');
  expect(first.type).toBe('history');
  expect(tags(first)).toEqual(['W/"5"', 'W/"4"']);
  const second = await history(nextOf(first)!);
  const third = await history(nextOf(second)!);
  expect([...tags(second), ...tags(third)]).toEqual(['W/"3"', 'W/"2"', 'W/"1"']);
  expect(nextOf(third)).toBeUndefined();
  await api().get('/Patient/never-was/_history').expect(404);
});

test('_since takes versions from that time on, _at those that were current then', async () => {
  await put('times');
  const first = (await history('/Patient/times/_history')).entry![0]!.resource!.meta.lastUpdated;
  await new Promise((resolve) => setTimeout(resolve, 15));
  const second = (await put('times', { active: true })).body.meta.lastUpdated as string;
  await new Promise((resolve) => setTimeout(resolve, 15));
  await put('times', { active: false });
  expect(tags(await history(`/Patient/times/_history?_since=${second}`))).toEqual(['W/"3"', 'W/"2"']);
  expect(tags(await history(`/Patient/times/_history?_at=${first}`))).toEqual(['W/"1"']);
  expect(tags(await history(`/Patient/times/_history?_at=${second}`))).toEqual(['W/"2"']);
  expect(tags(await history(`/Patient/times/_history?_at=${new Date().toISOString()}`))).toEqual(['W/"3"']);
  expect(tags(await history('/Patient/times/_history?_at=1999'))).toEqual([]);
  const ofType = (await history(`/Patient/_history?_at=${second}`)).entry!.filter((entry) =>
    entry.fullUrl.endsWith('/times'),
  );
  expect(ofType.map((entry) => entry.response.etag)).toEqual(['W/"2"']);
});

test('type and system history tell of every version, deletions included', async () => {
  await put('typed');
  await api()
    .post('/Basic')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Basic', code: { text: 'x' } }))
    .expect(201);
  await api().delete('/Patient/typed').expect(204);
  const patients = (await history('/Patient/_history?_count=2')).entry!;
  expect(patients.map((entry) => entry.request.method)).toEqual(['DELETE', 'PUT']);
  expect(patients[0]!.resource).toBeUndefined();
  expect(patients[1]!.response.status).toBe('201');
  const all = (await history('/_history?_count=3')).entry!;
  expect(all.map((entry) => entry.request.url.split('/')[0])).toEqual(['Patient', 'Basic', 'Patient']);
});

test('what was made anew after a deletion was created, as its answer said', async () => {
  await put('anew').expect(201);
  await api().delete('/Patient/anew').expect(204);
  await put('anew').expect(201);
  await put('anew').expect(200);
  for (const path of ['/Patient/anew/_history', '/Patient/_history?_count=4']) {
    const { entry } = await history(path);
    expect(entry!.map(({ response }) => response.status)).toEqual(['200', '201', '204', '201']);
  }
});

test('what it does not take is refused', async () => {
  const faultAt = async (query: string) =>
    (await api().get(`/Patient/_history?${query}`).expect(400)).body.issue[0].expression as string[];
  expect(await faultAt('_since=yesterday')).toEqual(['http._since']);
  expect(await faultAt('_count=0')).toEqual(['http._count']);
  expect(await faultAt('name=x')).toEqual(['http.name']);
  expect(await faultAt('_at=2020-02-31')).toEqual(['http._at']);
  expect(await faultAt('_since=2020&_since=2021')).toEqual(['http._since']);
  const twice = await api().get('/Patient/_history?_since=2020&_since=2021').expect(400);
  expect(twice.text).toContain('_since stands more than once: give it once.');
  await api().get('/Patient/_history?_count=99999999999999999999').expect(200);
  await api().get('/Patient/_history?_page=forged').expect(400);
});

test('a reader that polls with _since misses nothing while others commit', async () => {
  const seen = new Set<string>();
  const written = new Set<string>();
  let since = new Date(Date.now() - 1000).toISOString();
  let writing = true;
  const writer = async (name: string) => {
    for (let i = 0; i < 40; i++) {
      const answer = await put(`poll-${name}-${i}`);
      written.add(answer.body.id as string);
    }
  };
  const writers = Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(writer)).finally(
    () => (writing = false),
  );
  const poll = async () => {
    let path: string | undefined = `/Patient/_history?_count=1000&_since=${since}`;
    while (path !== undefined) {
      const page: History = await history(path);
      for (const entry of page.entry ?? []) {
        seen.add(entry.resource?.id ?? '');
        if (entry.response.lastModified > since) since = entry.response.lastModified;
      }
      path = nextOf(page);
    }
  };
  while (writing) await poll();
  await writers;
  await poll();
  expect([...written].filter((id) => !seen.has(id))).toEqual([]);
});
