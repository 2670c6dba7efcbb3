import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import type { RunningServer } from '../../src/main.ts';
import { FHIR_NDJSON } from '../../src/rest/http/negotiation.ts';
import { clientOf, type Answer, type Client } from '../acceptance/support/client.ts';
import { ndjson, patient, sourceServer, type Source } from '../operations/import/source.ts';
import { testConnection } from '../support/postgres.ts';
import { until } from '../support/program.ts';
import { startTestServer } from '../support/server.ts';
import { refusal } from '../support/searchParameters.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const ASYNC = { Prefer: 'respond-async' };
let server: RunningServer;
let client: Client;
let source: Source;
let database: Postgres;
beforeAll(async () => {
  source = await sourceServer();
  server = await startTestServer({ databaseSchema: schema, importAllow: [source.url] });
  client = clientOf(server.url);
  database = new Postgres(await testConnection());
  await database.connect();
});
afterAll(async () => {
  client.close();
  await server.stop();
  await source.close();
  await database.end();
});
beforeEach(() => source.files.clear());

const manifest = (...input: [string, string][]) => ({
  inputFormat: 'application/fhir+ndjson',
  inputSource: 'https://elsewhere.example/fhir',
  storageDetail: { type: 'https' },
  input: input.map(([type, file]) => ({ type, url: `${source.url}${file}` })),
});
const kickOff = (body: object | string, headers: Record<string, string> = ASYNC) =>
  client.send('$import', { method: 'POST', body, headers });

/** Path of a job below the base. */
function jobOf(accepted: Answer): string {
  expect([accepted.status, accepted.text]).toEqual([202, expect.stringContaining('OperationOutcome')]);
  const location = accepted.headers['content-location'] as string;
  const base = `${server.url}/fhir/R4/`;
  expect(location.startsWith(`${base}_jobs/`)).toBe(true);
  return location.slice(base.length);
}

async function ended(job: string): Promise<Answer> {
  let answer: Answer | undefined;
  await until(async () => (answer = await client.send(job)).status !== 202, 'the job ended');
  return answer!;
}

test('an import is accepted, told of while it runs, and answered in the end', async () => {
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  source.files.set('p.ndjson', (_request, response) => {
    response.write(ndjson([patient('a'), patient('b', { meta: { source: 'urn:own' } })]));
    void mayEnd.then(() => response.end(ndjson([patient('c')])));
  });
  const job = jobOf(await kickOff(manifest(['Patient', 'p.ndjson'])));
  let running = await client.send(job);
  await until(async () => {
    running = await client.send(job);
    return (running.headers['x-progress'] as string).includes('2 lines');
  }, 'progress was told');
  expect([running.status, running.text, running.headers['retry-after']]).toEqual([202, '', '2']);
  expect(running.headers['x-progress']).toBe('file 1 of 1 (Patient): 2 lines, 0 of them refused');
  end();
  const done = await ended(job);
  expect(done.status).toBe(200);
  expect(done.headers['content-type']).toBe('application/json');
  expect(Date.parse(done.headers.expires as string)).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  const result = JSON.parse(done.text) as { transactionTime: string };
  expect(result).toEqual({
    transactionTime: expect.any(String),
    request: `${server.url}/fhir/R4/$import`,
    requiresAccessToken: true,
    output: [{ type: 'Patient', inputUrl: `${source.url}p.ndjson`, count: 3 }],
    error: [],
  });
  expect(Date.parse(result.transactionTime)).toBeLessThanOrEqual(Date.now());
  // The result is JSON, whatever the client would like besides.
  for (const headers of [{ Accept: 'application/fhir+xml' }, { Accept: '*/*' }]) {
    const again = await client.send(job, { headers });
    expect([again.status, again.headers['content-type'], again.text]).toEqual([
      200,
      'application/json',
      done.text,
    ]);
  }
  const pretty = await client.send(`${job}?_pretty=true`);
  expect([JSON.parse(pretty.text), pretty.text]).toEqual([
    result,
    expect.stringContaining('\n  "output": ['),
  ]);
  expect(JSON.parse((await client.send('Patient/a')).text)).toMatchObject({
    meta: { versionId: '1', source: 'https://elsewhere.example/fhir' },
  });
  expect(JSON.parse((await client.send('Patient/b')).text)).toMatchObject({ meta: { source: 'urn:own' } });
});

test('a Parameters resource in XML says the same, and is answered in XML', async () => {
  source.files.set('p.ndjson', ndjson([patient('from-xml')]));
  const url = `<part><name value="url"/><valueUri value="${source.url}p.ndjson"/></part>`;
  const input = `<parameter><name value="input"/><part><name value="type"/><valueCode value="Patient"/></part>${url}</parameter>`;
  const format =
    '<parameter><name value="inputFormat"/><valueCode value="application/fhir+ndjson"/></parameter>';
  const body = `<Parameters xmlns="http://hl7.org/fhir">${format}${input}</Parameters>`;
  const headers = { ...ASYNC, Accept: 'application/fhir+xml', 'Content-Type': 'application/fhir+xml' };
  const accepted = await kickOff(body, headers);
  expect(accepted.headers['content-type']).toContain('application/fhir+xml');
  expect((await ended(jobOf(accepted))).status).toBe(200);
  expect((await client.send('Patient/from-xml')).status).toBe(200);
});

test('a Parameters resource says the same', async () => {
  source.files.set('p.ndjson', ndjson([patient('from-parameters')]));
  const body = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'inputFormat', valueCode: 'application/fhir+ndjson' },
      { name: 'inputSource', valueUri: 'https://elsewhere.example/fhir' },
      { name: 'storageDetail', part: [{ name: 'type', valueCode: 'https' }] },
      {
        name: 'input',
        part: [
          { name: 'type', valueCode: 'Patient' },
          { name: 'url', valueUri: `${source.url}p.ndjson` },
        ],
      },
    ],
  };
  expect((await ended(jobOf(await kickOff(body)))).status).toBe(200);
  expect((await client.send('Patient/from-parameters')).status).toBe(200);
});

describe('what went wrong', () => {
  test('with lines stands in a file of outcomes, and the other lines are stored', async () => {
    source.files.set(
      'p.ndjson',
      `${ndjson([patient('good')])}{"oops\n${ndjson([patient('bad', { gender: 1 })])}`,
    );
    const job = jobOf(await kickOff(manifest(['Patient', 'p.ndjson'], ['Observation', 'absent.ndjson'])));
    const result = JSON.parse((await ended(job)).text) as { error: { url: string }[] };
    expect(result).toMatchObject({
      output: [{ count: 1 }, { type: 'Observation', count: 0 }],
      error: [
        { type: 'OperationOutcome', count: 2, inputUrl: `${source.url}p.ndjson` },
        { type: 'OperationOutcome', count: 1 },
      ],
    });
    const [lines, file] = await Promise.all(
      result.error.map(({ url }) =>
        client.send(url.slice(`${server.url}/fhir/R4/`.length), {
          headers: { Accept: 'application/fhir+ndjson' },
        }),
      ),
    );
    expect([lines!.status, lines!.headers['content-type']]).toEqual([200, FHIR_NDJSON]);
    const issues = lines!.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { issue: { diagnostics: string }[] });
    expect(issues.map(({ issue }) => issue[0]!.diagnostics)).toEqual([
      expect.stringMatching(/^Line 2: .* well-formed JSON/),
      expect.stringMatching(/^Line 3: /),
    ]);
    expect(file!.text).toContain('The source answered 404. The import of this file ends after 0 lines.');
    expect(file!.text).not.toContain('secret words');
    expect((await client.send(`${job}/other.ndjson`)).status).toBe(404);
  });

  test('with the whole job is answered as an error', async () => {
    const id = randomUUID();
    await database.query(
      `INSERT INTO "${schema}".job (id, kind, owner, request, attempts) VALUES ($1, 'import', 'ClientApplication/test-administrator', $2, 5)`,
      [
        id,
        JSON.stringify({
          caller: {
            id: 'ClientApplication/test-administrator',
            isAdministrator: true,
            access: 'unrestricted',
            agent: {},
          },
          work: { inputs: [] },
        }),
      ],
    );
    const failed = await ended(`_jobs/${id}`);
    expect([failed.status, refusal(failed)]).toEqual([500, expect.stringContaining('it is given up')]);
  });
});

describe('a job', () => {
  /** A file that never ends. */
  const hang = () => source.files.set('endless', (_request, response) => void response.write('\n'));

  test('is cancelled by DELETE, and then unknown', async () => {
    hang();
    const job = jobOf(await kickOff(manifest(['Patient', 'endless'])));
    const cancelled = await client.send(job, { method: 'DELETE' });
    expect([cancelled.status, cancelled.text]).toEqual([202, expect.stringContaining('OperationOutcome')]);
    for (const method of ['GET', 'DELETE']) {
      const answer = await client.send(job, { method });
      expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('OperationOutcome')]);
    }
  });

  test('of another caller is unknown', async () => {
    source.files.set('p.ndjson', '{\n');
    const job = jobOf(await kickOff(manifest(['Patient', 'p.ndjson'])));
    await ended(job);
    expect((await client.send(`${job}/errors-1.ndjson`)).status).toBe(200);
    await database.query(`UPDATE "${schema}".job SET owner = 'another' WHERE id = $1`, [
      job.slice('_jobs/'.length),
    ]);
    const answers = [
      await client.send(job),
      await client.send(`${job}/errors-1.ndjson`),
      await client.send(job, { method: 'DELETE' }),
      await client.send('_jobs/of-nobody'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('is read and deleted, and nothing else is done with it', async () => {
    for (const [path, method, status] of [
      ['_jobs', 'GET', 404],
      ['_jobs/a/b/c', 'GET', 404],
      ['_jobs/a', 'PUT', 405],
      ['_jobs/a', 'POST', 405],
      ['_jobs/a/b', 'DELETE', 405],
    ] as const)
      expect([path, (await client.send(path, { method })).status]).toEqual([path, status]);
  });
});

describe('$import is refused', () => {
  const good = () => manifest(['Patient', 'p.ndjson']);

  test.each([
    ['without Prefer: respond-async', () => kickOff(good(), {}), 400, /Prefer: respond-async/],
    ['by GET', () => client.send('$import'), 405, /takes POST/],
    ['without a body', () => client.send('$import', { method: 'POST', headers: ASYNC }), 400, /inputFormat/],
    ['in another format', () => kickOff({ ...good(), inputFormat: 'text/csv' }), 400, /inputFormat must be/],
    [
      'from another storage',
      () => kickOff({ ...good(), storageDetail: { type: 'aws-s3' } }),
      400,
      /storageDetail.type/,
    ],
    [
      'with credentials',
      () => kickOff({ ...good(), storageDetail: { type: 'https', credentialHttpBasic: 'a:b' } }),
      400,
      /does not take storageDetail.credentialHttpBasic/,
    ],
    ['with a mode', () => kickOff({ ...good(), mode: 'InitialLoad' }), 400, /does not take mode/],
    ['without files', () => kickOff({ ...good(), input: [] }), 400, /input must name/],
    ['of an unknown type', () => kickOff(manifest(['Person5', 'p.ndjson'])), 400, /input\[0\].type/],
    [
      'with a number for a URL',
      () => kickOff({ ...good(), input: [{ type: 'Patient', url: 5 }] }),
      400,
      /must be a text/,
    ],
    ['with a list for an input', () => kickOff({ ...good(), input: [[]] }), 400, /input\[0\] must have/],
    [
      'with an inputSource that is none',
      () => kickOff({ ...good(), inputSource: 'not a uri' }),
      400,
      /inputSource must be/,
    ],
    [
      'from where nothing may be fetched',
      () => kickOff({ ...good(), input: [{ type: 'Patient', url: 'http://localhost:1/x' }] }),
      403,
      /IMPORT_ALLOW/,
    ],
  ])('%s', async (_how, send, status, text) => {
    const asked = source.asked.length;
    const answer = await send();
    expect([answer.status, refusal(answer)]).toEqual([status, expect.stringMatching(text)]);
    const { rows } = await database.query(`SELECT FROM "${schema}".job WHERE finished IS NULL`);
    expect([rows, source.asked.length]).toEqual([[], asked]);
  });

  test('in a bundle', async () => {
    const entry = [{ request: { method: 'POST', url: '$import' }, resource: { resourceType: 'Parameters' } }];
    const answer = await client.send('', {
      method: 'POST',
      body: { resourceType: 'Bundle', type: 'batch', entry },
    });
    expect(answer.text).toContain('not in a bundle');
  });

  test('where the operator allowed nothing', async () => {
    const closed = await startTestServer();
    const other = clientOf(closed.url);
    const body = manifest(['Patient', 'p.ndjson']);
    const answer = await other.send('$import', { method: 'POST', body, headers: ASYNC });
    expect([answer.status, refusal(answer)]).toEqual([403, expect.stringContaining('must set IMPORT_ALLOW')]);
    other.close();
    await closed.stop();
  });
});

test('the CapabilityStatement names $import', async () => {
  const { rest } = JSON.parse((await client.send('metadata')).text) as {
    rest: [{ operation: { name: string }[] }];
  };
  expect(rest[0].operation.map(({ name }) => name)).toContain('import');
});
