import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startTestServer } from '../support/server.ts';
import { clientOf } from './support/client.ts';
import type { Answer, Client } from './support/client.ts';

const WRITERS = 32;
const READS_DURING_WRITES = 400;
const CREATES_DURING_WALK = 400;

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server.url, 2 * WRITERS);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** A patient whose three elements all carry the same mark: a torn read shows as two marks. */
const marked = (id: string, mark: string) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'urn:maxray:mark', value: mark }],
  name: [{ family: mark }],
  address: [{ city: mark }],
});

interface Read {
  meta: { versionId: string; lastUpdated: string };
  identifier: { value: string }[];
  name: { family: string }[];
  address: { city: string }[];
}
const parse = (answer: Answer) => JSON.parse(answer.text) as Read;
const markOf = (answer: Answer): string => {
  const { identifier, name, address } = parse(answer);
  const marks = new Set([identifier[0]!.value, name[0]!.family, address[0]!.city]);
  expect(marks.size).toBe(1);
  return [...marks][0]!;
};
const versionOf = (answer: Answer) => Number(/^W\/"(\d+)"$/.exec(answer.headers.etag ?? '')?.[1]);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const put = (id: string, mark: string, headers: Record<string, string> = {}) =>
  client.send(`Patient/${id}`, { method: 'PUT', headers, body: marked(id, mark) });

test('32 updates of one id at once give 32 versions, each with the content of its own update', async () => {
  const id = randomUUID();
  const answers = await Promise.all(upTo(WRITERS).map((n) => put(id, `mark-${n}`)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(WRITERS - 1);
  expect(answers.map(versionOf).sort((a, b) => a - b)).toEqual(upTo(WRITERS));
  for (const [i, answer] of answers.entries()) {
    const version = await client.send(`Patient/${id}/_history/${versionOf(answer)}`);
    expect([version.status, markOf(version)]).toEqual([200, `mark-${i + 1}`]);
  }
});

test('versions of one resource never go back in time', async () => {
  const id = randomUUID();
  await Promise.all(upTo(WRITERS).map((n) => put(id, `mark-${n}`)));
  const history = await client.send(`Patient/${id}/_history?_count=100`);
  const { entry } = JSON.parse(history.text) as { entry: { resource: Read }[] };
  expect(entry.map(({ resource }) => Number(resource.meta.versionId))).toEqual(upTo(WRITERS).reverse());
  const times = entry.map(({ resource }) => Date.parse(resource.meta.lastUpdated));
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

test('reads during writes see whole versions only, and never an older one than before', async () => {
  const id = randomUUID();
  await put(id, 'mark-0');
  let writing = true;
  const write = async () => {
    for (let n = 1; writing; n++) expect((await put(id, `mark-${n}`)).status).toBe(200);
  };
  const read = async () => {
    let newest = 0;
    for (let n = 0; n < READS_DURING_WRITES / 4; n++) {
      const answer = await client.send(`Patient/${id}`);
      expect(answer.status).toBe(200);
      expect(markOf(answer)).toBe(`mark-${versionOf(answer) - 1}`);
      expect(parse(answer).meta.versionId).toBe(String(versionOf(answer)));
      expect(versionOf(answer)).toBeGreaterThanOrEqual(newest);
      newest = versionOf(answer);
    }
    return newest;
  };
  const writer = write();
  const newest = await Promise.all(upTo(4).map(read)).finally(() => (writing = false));
  await writer;
  expect(Math.max(...newest)).toBeGreaterThan(1);
});

test('of updates with the same If-Match exactly one wins, version after version', async () => {
  const id = randomUUID();
  await put(id, 'mark-0');
  for (const version of upTo(8)) {
    const headers = { 'if-match': `W/"${version}"` };
    const answers = await Promise.all(upTo(16).map((n) => put(id, `mark-${version}-${n}`, headers)));
    const winner = answers.findIndex(({ status }) => status === 200);
    const losers = answers.filter((_, i) => i !== winner);
    expect(losers.map(({ status }) => status)).toEqual(losers.map(() => 412));
    expect(versionOf(answers[winner]!)).toBe(version + 1);
    expect(markOf(await client.send(`Patient/${id}`))).toBe(`mark-${version}-${winner + 1}`);
  }
});

test('of creates by update with If-None-Match: * exactly one wins', async () => {
  const id = randomUUID();
  const answers = await Promise.all(upTo(16).map((n) => put(id, `mark-${n}`, { 'if-none-match': '*' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(15).fill(412)]);
});

test('deletes and updates at once leave a history without gaps that ends as the last answer said', async () => {
  const id = randomUUID();
  await put(id, 'mark-0');
  const remove = () => client.send(`Patient/${id}`, { method: 'DELETE' });
  const answers = await Promise.all(
    upTo(WRITERS).map((n) => (n % 2 === 0 ? remove() : put(id, `mark-${n}`))),
  );
  expect(answers.filter(({ status }) => status >= 300)).toEqual([]);

  const history = await client.send(`Patient/${id}/_history?_count=100`);
  type Entry = { request: { method: string }; response: { etag: string }; resource?: Read };
  const { entry } = JSON.parse(history.text) as { entry: Entry[] };
  const versions = entry.map(({ response }) => Number(/\d+/.exec(response.etag)?.[0]));
  expect(versions).toEqual(upTo(versions.length).reverse());
  const written = answers.filter((_, i) => (i + 1) % 2 === 1);
  expect(entry.filter(({ resource }) => resource !== undefined)).toHaveLength(written.length + 1);
  const last = entry[0]!;
  const read = await client.send(`Patient/${id}`);
  expect(read.status).toBe(last.request.method === 'DELETE' ? 410 : 200);
});

test('creates at once are all kept, each under an id of its own', async () => {
  const answers = await Promise.all(
    upTo(WRITERS).map((n) => client.send('Patient', { method: 'POST', body: marked('ignored', `new-${n}`) })),
  );
  const ids = answers.map(
    ({ headers }) => /Patient\/([^/]+)\/_history\/1$/.exec(headers.location ?? '')?.[1],
  );
  expect(new Set(ids).size).toBe(WRITERS);
  for (const [i, id] of ids.entries()) {
    expect(markOf(await client.send(`Patient/${id}`))).toBe(`new-${i + 1}`);
  }
});

test('a history page walk misses nothing that is written meanwhile', async () => {
  const system = `urn:walk:${randomUUID()}`;
  const acknowledged = new Set<string>();
  let writing = true;
  const write = async (writer: number) => {
    for (let n = 0; writing; n++) {
      const body = { resourceType: 'Basic', code: { coding: [{ system, code: `${writer}-${n}` }] } };
      const { status, headers } = await client.send('Basic', { method: 'POST', body });
      expect(status).toBe(201);
      acknowledged.add(/Basic\/([^/]+)/.exec(headers.location ?? '')![1]!);
    }
  };
  const writers = upTo(4).map(write);
  const seen = new Set<string>();
  let since = new Date(Date.now() - 60_000).toISOString();
  const poll = async () => {
    for (let page: string | undefined = `Basic/_history?_since=${since}&_count=50`; page !== undefined;) {
      const answer = await client.send(page);
      expect(answer.status).toBe(200);
      type Bundle = {
        link: { relation: string; url: string }[];
        entry?: { resource: Read & { id: string } }[];
      };
      const { link, entry = [] } = JSON.parse(answer.text) as Bundle;
      for (const { resource } of entry) {
        seen.add(resource.id);
        if (resource.meta.lastUpdated > since) since = resource.meta.lastUpdated;
      }
      page = link.find(({ relation }) => relation === 'next')?.url.split('/fhir/R4/')[1];
    }
  };
  while (acknowledged.size < CREATES_DURING_WALK) await poll();
  writing = false;
  await Promise.all(writers);
  await poll();
  expect([...acknowledged].filter((id) => !seen.has(id))).toEqual([]);
});
