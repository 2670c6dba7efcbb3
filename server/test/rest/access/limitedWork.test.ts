import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf, type Answer, type Client } from '../../acceptance/support/client.ts';
import { ndjson, patient, sourceServer, type Source } from '../../operations/import/source.ts';
import { People } from '../../support/people.ts';
import { until } from '../../support/program.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let source: Source;
let people: People;
const clients = new Map<string, Client>();
const as = (who: string): Client => clients.get(who)!;

beforeAll(async () => {
  source = await sourceServer();
  server = await startTestServer({ importAllow: [source.url] });
  people = new People(server);
  await people.prepare();
  await people.policy('patients', [{ resourceType: 'Patient' }]);
  await people.policy('blue', [{ resourceType: 'Patient', criteria: 'Patient?_tag=blue' }]);
  const join = async (id: string, policies: string[], admin = false) => {
    const token = await people.client(id, { profile: 'Practitioner/x', policies, admin });
    clients.set(
      id,
      clientOf(server.url, 4, async () => token),
    );
  };
  await join('registrar', ['patients'], true);
  await join('other', ['patients'], true);
  await join('clerk', ['patients']);
  await join('painter', ['blue']);
  clients.set('admin', clientOf(server.url));
});
afterAll(async () => {
  for (const client of clients.values()) client.close();
  await server.stop();
  await source.close();
});

const begin = (who: string, ...input: [string, string][]) =>
  as(who).send('$import', {
    method: 'POST',
    headers: { Prefer: 'respond-async' },
    body: {
      inputFormat: 'application/fhir+ndjson',
      inputSource: 'https://elsewhere.example/fhir',
      storageDetail: { type: 'https' },
      input: input.map(([type, file]) => ({ type, url: `${source.url}${file}` })),
    },
  });
const jobOf = (answer: Answer) => {
  expect(answer.status).toBe(202);
  return String(answer.headers['content-location']).split('/fhir/R4/')[1]!;
};
const ended = async (who: string, job: string): Promise<{ output: { count: number }[] }> => {
  let answer: Answer | undefined;
  await until(async () => (answer = await as(who).send(job)).status !== 202, 'the job ended');
  return JSON.parse(answer!.text) as { output: { count: number }[] };
};

test('an import by an administrator with limits stores what that one may write', async () => {
  source.files.set('p.ndjson', ndjson([patient('i1'), patient('i2')]));
  source.files.set('o.ndjson', ndjson([{ resourceType: 'Organization', id: 'i1', name: 'x' }]));
  const job = jobOf(await begin('registrar', ['Patient', 'p.ndjson'], ['Organization', 'o.ndjson']));
  const { output } = await ended('registrar', job);
  expect(output.map(({ count }) => count)).toEqual([2, 0]);
  expect((await as('admin').send('Organization/i1')).status).toBe(404);
  const faults = await as('registrar').send(`${job}/errors-2.ndjson`);
  expect(faults.text).toContain('You may not change Organization');
  for (const path of [job, `${job}/errors-2.ndjson`]) {
    expect((await as('other').send(path)).status).toBe(404);
    expect((await as('admin').send(path)).status).toBe(404);
  }
  expect((await as('other').send(job, { method: 'DELETE' })).status).toBe(404);
  expect((await as('registrar').send(job, { method: 'DELETE' })).status).toBe(202);
});

test('who loses the right while it runs, stores nothing more', async () => {
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  source.files.set('slow.ndjson', (_request, response) => {
    response.write(ndjson([patient('before')]));
    void mayGoOn.then(() => response.end(ndjson([patient('after')])));
  });
  const job = jobOf(await begin('other', ['Patient', 'slow.ndjson']));
  await until(async () => (await as('admin').send('Patient/before')).status === 200, 'the first was stored');
  await people.put({
    ...{ resourceType: 'ProjectMembership', id: 'other', project: { reference: 'Project/maxray' } },
    ...{
      user: { reference: 'ClientApplication/other' },
      profile: { reference: 'Practitioner/x' },
      admin: true,
    },
  });
  goOn();
  const { output } = await ended('other', job);
  expect(output.map(({ count }) => count)).toEqual([1]);
  expect((await as('admin').send('Patient/after')).status).toBe(404);
});

test('nobody else imports', async () => {
  const answer = await begin('clerk', ['Patient', 'p.ndjson']);
  expect([answer.status, answer.text]).toEqual([
    403,
    expect.stringContaining('Only administrators may use $import'),
  ]);
});

test('$meta of a type and of everything has the labels of what may be found', async () => {
  const tagged = (id: string, code: string, profile: string) =>
    people.put({
      resourceType: 'Patient',
      id,
      meta: { tag: [{ system: 'urn:t', code }], profile: [profile] },
    });
  await tagged('t1', 'blue', 'urn:p1');
  await tagged('t2', 'blue', 'urn:p1');
  await tagged('t3', 'red', 'urn:p2');
  await people.put({
    resourceType: 'Basic',
    id: 't',
    code: { text: 'x' },
    meta: { tag: [{ code: 'green' }] },
  });
  const metaOf = async (who: string, path: string) => {
    const { text } = await as(who).send(path);
    return (JSON.parse(text) as { parameter?: { valueMeta: object }[] }).parameter?.[0]?.valueMeta;
  };
  const blue = [{ system: 'urn:t', code: 'blue' }];
  for (const path of ['Patient/$meta', '$meta'])
    expect(await metaOf('painter', path)).toEqual({ profile: ['urn:p1'], tag: blue });
  expect(await metaOf('clerk', 'Patient/$meta')).toEqual(await metaOf('admin', 'Patient/$meta'));
  expect((await as('painter').send('Basic/$meta')).status).toBe(403);
  expect(JSON.stringify(await metaOf('admin', '$meta'))).toContain('green');
});
