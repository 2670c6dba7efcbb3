import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startTestServer, urlOf } from '../support/server.ts';
import { testConnection } from '../support/postgres.ts';
import { clientOf } from './support/client.ts';
import type { Answer, Client } from './support/client.ts';

const WRITERS = 32;
const BUNDLES = 16;

/** Two servers on one store: what keeps writers apart must not live in one process. */
let servers: Awaited<ReturnType<typeof startTestServer>>[];
let clients: Client[];
beforeAll(async () => {
  const shared = {
    databaseUrl: urlOf(await testConnection()),
    databaseSchema: `test_${randomUUID().replaceAll('-', '')}`,
    publicUrl: 'http://localhost:1',
  };
  servers = [await startTestServer(shared), await startTestServer(shared)];
  clients = servers.map(({ url }) => clientOf(url, WRITERS));
});
afterAll(async () => {
  clients.forEach((client) => client.close());
  for (const server of servers) await server.stop();
});

const client = (n: number) => clients[n % clients.length]!;
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const statuses = (answers: readonly Answer[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** A patient that is known by two identifiers. */
const patient = (mark: string) => ({
  resourceType: 'Patient',
  identifier: [
    { system: 'urn:maxray:a', value: `a-${mark}` },
    { system: 'urn:maxray:b', value: `b-${mark}` },
  ],
  name: [{ family: mark }],
  generalPractitioner: [{ reference: `Practitioner/${mark}` }],
  managingOrganization: { reference: `Organization/${mark}` },
});

/** Ways of asking for the same patient. */
const spellings = (mark: string) => [
  `identifier=urn:maxray:a|a-${mark}`,
  `identifier=a-${mark}`,
  `identifier=urn:maxray:b|b-${mark}`,
  `identifier=urn:maxray:a|a-${mark}&identifier=urn:maxray:b|b-${mark}`,
  `identifier=b-${mark},a-${mark}`,
  `identifier=a-${mark}&family=${mark}`,
  `family:exact=${mark}`,
  `_filter=identifier eq a-${mark}`,
  `general-practitioner=Practitioner/${mark}`,
  `organization=Organization/${mark}`,
];
const spelled = (mark: string, n: number) => spellings(mark)[n % spellings(mark).length]!;

const total = async (mark: string) => {
  const answer = await client(0).send(`Patient?_summary=count&identifier=a-${mark}`);
  return (JSON.parse(answer.text) as { total: number }).total;
};
const bundle = (entry: object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry });

describe('of 32 clients at once', () => {
  test.each([
    ['in the same words', (mark: string) => spelled(mark, 0)],
    ['in different words', spelled],
    ['by an identifier or a reference', (mark: string, n: number) => spelled(mark, n % 2 === 0 ? 0 : 8)],
    ['by different references', (mark: string, n: number) => spelled(mark, n % 2 === 0 ? 8 : 9)],
  ])('that create on the same condition %s, one creates', async (_how, criteria) => {
    const mark = `c${randomUUID()}`;
    const answers = await Promise.all(
      upTo(WRITERS).map((n) =>
        client(n).send('Patient', {
          method: 'POST',
          headers: { 'If-None-Exist': encodeURI(criteria(mark, n)) },
          body: patient(mark),
        }),
      ),
    );
    expect(statuses(answers)).toEqual({ 200: WRITERS - 1, 201: 1 });
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1);
    expect(await total(mark)).toBe(1);
  });

  test('that update on the same condition, one creates and each makes a version', async () => {
    const mark = `u${randomUUID()}`;
    const answers = await Promise.all(
      upTo(WRITERS).map((n) =>
        client(n).send(`Patient?${encodeURI(spelled(mark, n))}`, { method: 'PUT', body: patient(mark) }),
      ),
    );
    expect(statuses(answers)).toEqual({ 200: WRITERS - 1, 201: 1 });
    expect(await total(mark)).toBe(1);
    const versions = answers.map(({ headers }) => Number(/\d+/.exec(headers.etag!)![0]));
    expect(versions.sort((a, b) => a - b)).toEqual(upTo(WRITERS).map((n) => n + 1));
  });

  test('that create in transactions, one creates and all refer to it', async () => {
    const mark = `t${randomUUID()}`;
    const answers = await Promise.all(
      upTo(WRITERS).map((n) =>
        client(n).send('', {
          method: 'POST',
          body: bundle([
            {
              resource: {
                resourceType: 'Observation',
                status: 'final',
                code: { text: mark },
                subject: { reference: 'urn:uuid:p' },
              },
              request: { method: 'POST', url: 'Observation' },
            },
            {
              fullUrl: 'urn:uuid:p',
              resource: patient(mark),
              request: { method: 'POST', url: 'Patient', ifNoneExist: spelled(mark, n) },
            },
          ]),
        }),
      ),
    );
    expect(statuses(answers)).toEqual({ 200: WRITERS });
    const made = answers.filter(
      ({ text }) => text.includes('/Patient/') && /Patient[^}]*"status":"201/.test(text),
    );
    expect(made.length).toBeLessThanOrEqual(1);
    expect(await total(mark)).toBe(1);
    const referring = await client(0).send(`Observation?_summary=count&subject:Patient.identifier=a-${mark}`);
    expect((JSON.parse(referring.text) as { total: number }).total).toBe(WRITERS);
  });
});

test('of 32 clients that create a document by one or the other of its identifiers, one creates', async () => {
  const document = (one: string, other: string) => ({
    resourceType: 'DocumentReference',
    status: 'current',
    masterIdentifier: { value: one },
    identifier: [{ value: other }],
    content: [{ attachment: { title: 'document' } }],
  });
  // Those who come first would else wait for the tables, and begin one after the other.
  await client(0).send('DocumentReference', { method: 'POST', body: document('first', 'first') });
  const [a, b] = [`a-${randomUUID()}`, `b-${randomUUID()}`];
  const answers = await Promise.all(
    upTo(WRITERS).map((n) =>
      client(n).send('DocumentReference', {
        method: 'POST',
        headers: { 'If-None-Exist': `identifier=${n % 4 < 2 ? a : b}` },
        body: n % 4 < 2 ? document(b, a) : document(a, b),
      }),
    ),
  );
  expect(statuses(answers)).toEqual({ 200: WRITERS - 1, 201: 1 });
});

test('bundles over the same resources, in every order, leave one of them whole', async () => {
  const ids = upTo(10).map((n) => `shared-${n}-${randomUUID().slice(0, 8)}`);
  const entries = (mark: string) => [
    ...ids.map((id) => ({
      resource: { ...patient(mark), id },
      request: { method: 'PUT', url: `Patient/${id}` },
    })),
    ...ids.map((id) => ({
      resource: { resourceType: 'Basic', id, code: { text: mark } },
      request: { method: 'PUT', url: `Basic/${id}` },
    })),
  ];
  const answers = await Promise.all(
    upTo(BUNDLES).map((n) => {
      const inOrder = entries(`m${n}`);
      return client(n).send('', { method: 'POST', body: bundle(n % 2 === 0 ? inOrder : inOrder.reverse()) });
    }),
  );
  expect(statuses(answers)).toEqual({ 200: BUNDLES });
  const read = await Promise.all(
    ids.flatMap((id) => [client(0).send(`Patient/${id}`), client(1).send(`Basic/${id}`)]),
  );
  const marks = read.map(({ text }) => /"(?:family|text)":"(m\d+)"/.exec(text)![1]);
  expect(new Set(marks).size).toBe(1);
  expect(new Set(read.map(({ headers }) => headers.etag))).toEqual(new Set([`W/"${BUNDLES}"`]));
});

test('patches of one resource at once lose nothing', async () => {
  const id = randomUUID();
  await client(0).send(`Patient/${id}`, { method: 'PUT', body: { ...patient(id), id } });
  const answers = await Promise.all(
    upTo(WRITERS).map((n) =>
      client(n).send(n % 2 === 0 ? `Patient/${id}` : `Patient?identifier=a-${id}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json-patch+json' },
        body: [{ op: 'add', path: '/name/-', value: { family: `n${n}` } }],
      }),
    ),
  );
  expect(statuses(answers)).toEqual({ 200: WRITERS });
  const { text } = await client(0).send(`Patient/${id}`);
  const names = (JSON.parse(text) as { name: { family: string }[] }).name.map(({ family }) => family);
  expect(new Set(names)).toEqual(new Set([id, ...upTo(WRITERS).map((n) => `n${n}`)]));
});
