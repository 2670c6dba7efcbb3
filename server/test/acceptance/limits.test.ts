import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { JSON_DEPTH_MAX } from '../../src/fhir/json/parse.ts';
import { PARAMETERS_MAX, VALUES_MAX } from '../../src/fhir/search/parse.ts';
import { URL_CHARS_MAX } from '../../src/rest/http/limits.ts';
import { HEADERS_BYTES_MAX, HEADERS_COUNT_MAX } from '../../src/rest/server.ts';
import { startTestServer } from '../support/server.ts';
import { clientOf } from './support/client.ts';
import type { Client } from './support/client.ts';
import { sendRaw } from './support/rawHttp.ts';

const LIMITS = {
  bodyBytesMax: 100_000,
  binaryBytesMax: 200_000,
  transactionEntriesMax: 20,
  requestTimeoutMs: 6_000,
};

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  server = await startTestServer(LIMITS);
  client = clientOf(server.url);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** The first issue of an OperationOutcome. */
function issueOf({ text }: { text: string }) {
  const outcome = JSON.parse(text) as {
    resourceType: string;
    issue: { code: string; diagnostics: string }[];
  };
  expect(outcome.resourceType).toBe('OperationOutcome');
  return outcome.issue[0]!;
}

const post = (path: string, body: object | string | Buffer, headers: Record<string, string> = {}) =>
  client.send(path, { method: 'POST', body, headers });

const list = (depth: number) =>
  `{"resourceType":"Basic","code":{"text":"x"},"extension":[${'{"url":"urn:x","extension":['.repeat(depth)}${']}'.repeat(depth)}]}`;

describe('depth', () => {
  // Each extension adds an object and an array; around them are the resource and its first array.
  const deepest = (JSON_DEPTH_MAX - 2) / 2;

  test('beyond the limit is refused with the limit', async () => {
    for (const depth of [deepest + 1, 2_000]) {
      const answer = await post('Basic', list(depth));
      expect([answer.status, issueOf(answer).diagnostics]).toEqual([
        400,
        expect.stringContaining(String(JSON_DEPTH_MAX)),
      ]);
    }
  });

  test('up to the limit is judged by its content', async () => {
    const answer = await post('Basic', list(deepest));
    expect(issueOf(answer).diagnostics).not.toContain(String(JSON_DEPTH_MAX));
  });
});

describe('size', () => {
  const basic = (bytes: number) => {
    const text = JSON.stringify({ resourceType: 'Basic', code: { text: '' } });
    return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`);
  };

  test('a body of exactly the limit is taken', async () => {
    expect((await post('Basic', basic(LIMITS.bodyBytesMax))).status).toBe(201);
  });

  test('one byte more is refused, told by its length or found out on the way', async () => {
    const told = await post('Basic', basic(LIMITS.bodyBytesMax + 1));
    expect([told.status, issueOf(told).code]).toEqual([413, 'too-long']);
    expect(issueOf(told).diagnostics).toContain(String(LIMITS.bodyBytesMax));

    const chunk = Buffer.from(`${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`);
    const head =
      'POST /fhir/R4/Basic HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' +
      `Authorization: ${server.authorization}\r\n` +
      'Content-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const found = await sendRaw(server.url, [Buffer.from(head), chunk, chunk, chunk]);
    expect([found.status, issueOf({ text: found.body.toString() }).code]).toEqual([413, 'too-long']);
  });

  test('a body far beyond the limit is refused with an answer that arrives', async () => {
    // Were the connection closed under the sender, about every second answer would be lost.
    for (let n = 0; n < 16; n++) {
      const [path, type] = n % 2 === 0 ? ['Basic', 'application/fhir+json'] : ['Binary', 'image/png'];
      const answer = await post(path!, Buffer.alloc(10_000_000, 0x20), { 'content-type': type! });
      expect([answer.status, issueOf(answer).code]).toEqual([413, 'too-long']);
    }
  });

  test('what unpacks to more than the limit is refused, however small it comes', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    expect(bomb.length).toBeLessThan(LIMITS.bodyBytesMax);
    const answer = await post('Basic', bomb, { 'content-encoding': 'gzip' });
    expect([answer.status, issueOf(answer).code]).toEqual([413, 'too-long']);
  });

  test('raw Binary content has a limit of its own', async () => {
    const headers = { 'content-type': 'application/octet-stream' };
    const taken = await post('Binary', Buffer.alloc(LIMITS.binaryBytesMax, 7), headers);
    expect(taken.status).toBe(201);
    const refused = await post('Binary', Buffer.alloc(LIMITS.binaryBytesMax + 1, 7), headers);
    expect([refused.status, issueOf(refused).code]).toEqual([413, 'too-long']);
    expect(issueOf(refused).diagnostics).toContain(String(LIMITS.binaryBytesMax));

    const packed = { ...headers, 'content-encoding': 'gzip' };
    const bomb = await post('Binary', gzipSync(Buffer.alloc(50_000_000)), packed);
    expect([bomb.status, issueOf(bomb).code]).toEqual([413, 'too-long']);
    const damaged = await post('Binary', Buffer.from('no gzip'), packed);
    expect([damaged.status, issueOf(damaged).code]).toEqual([400, 'structure']);
  });

  test('raw Binary content that comes compressed is kept as it was before', async () => {
    const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip' };
    const stored = await post('Binary', gzipSync('as it was'), headers);
    expect(stored.status).toBe(201);
    const { id } = JSON.parse(stored.text) as { id: string };
    const read = await client.send(`Binary/${id}`, { headers: { accept: '*/*' } });
    expect([read.status, read.headers['content-type'], read.text]).toEqual([200, 'text/plain', 'as it was']);
  });

  test.each(['batch', 'transaction'])('a %s has a limit of entries', async (type) => {
    const entry = { request: { method: 'GET', url: 'Patient?_count=1' } };
    const bundle = (entries: number) => ({ resourceType: 'Bundle', type, entry: Array(entries).fill(entry) });
    expect((await post('', bundle(LIMITS.transactionEntriesMax))).status).toBe(200);
    const refused = await post('', bundle(LIMITS.transactionEntriesMax + 1));
    expect([refused.status, issueOf(refused).code]).toEqual([413, 'too-costly']);
    expect(issueOf(refused).diagnostics).toContain(String(LIMITS.transactionEntriesMax));
  });
});

describe('URL and headers', () => {
  test('a URL has a longest length', async () => {
    const padded = (chars: number) => `Patient?name=${'x'.repeat(chars - '/fhir/R4/Patient?name='.length)}`;
    expect((await client.send(padded(URL_CHARS_MAX))).status).toBe(200);
    const refused = await client.send(padded(URL_CHARS_MAX + 1));
    expect([refused.status, issueOf(refused).code]).toEqual([414, 'too-long']);
    expect(issueOf(refused).diagnostics).toContain(String(URL_CHARS_MAX));
  });

  test('a search has a largest number of parameters and of values', async () => {
    const parameters = await client.send(`Patient?${'active=true&'.repeat(PARAMETERS_MAX + 1)}`);
    expect([parameters.status, issueOf(parameters).diagnostics]).toEqual([
      400,
      expect.stringContaining(String(PARAMETERS_MAX)),
    ]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const values = await post('Patient/_search', `_id=${'a,'.repeat(VALUES_MAX + 1)}`, headers);
    expect([values.status, issueOf(values).diagnostics]).toEqual([
      400,
      expect.stringContaining(String(VALUES_MAX)),
    ]);
  });

  test.each([
    ['one long header', { 'x-long': 'x'.repeat(HEADERS_BYTES_MAX) }],
    ['one long cookie', { cookie: `a=${'x'.repeat(4 * HEADERS_BYTES_MAX)}` }],
  ])('%s is refused with the limit', async (_name, headers) => {
    const answer = await client.send('metadata', { headers });
    expect([answer.status, issueOf(answer).diagnostics]).toEqual([
      431,
      expect.stringContaining(String(HEADERS_BYTES_MAX)),
    ]);
  });

  test('a flood of headers is refused, never read in part', async () => {
    await client.send('Basic/flood', { method: 'PUT', body: { ...basicResource, id: 'flood' } });
    const flood = Object.fromEntries(Array.from({ length: HEADERS_COUNT_MAX }, (_, i) => [`x-${i}`, 'y']));
    const headers = { ...flood, 'if-match': 'W/"77"' };
    const answer = await client.send('Basic/flood', { method: 'DELETE', headers });
    expect([answer.status, issueOf(answer).diagnostics]).toEqual([
      431,
      expect.stringContaining(String(HEADERS_COUNT_MAX)),
    ]);
    expect((await client.send('Basic/flood')).status).toBe(200);
  });
});

const basicResource = { resourceType: 'Basic', code: { text: 'x' } };

describe('slow clients', () => {
  const drip = (text: string) => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
  const slow = { pauseMs: 200, halfCloseAfterMs: 60_000, giveUpAfterMs: 90_000 };

  test.each([
    ['headers', `GET /fhir/R4/metadata HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'x'.repeat(100)}`, ''],
    [
      'a body',
      '',
      'POST /fhir/R4/Basic HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: 500\r\n\r\n',
    ],
  ])('that send %s byte by byte are told that it took too long', async (_name, dripped, atOnce) => {
    const signed = atOnce.replace('\r\n', `\r\nAuthorization: ${server.authorization}\r\n`);
    const parts = [Buffer.from(signed), ...drip(dripped || 'x'.repeat(100))];
    const answer = await sendRaw(server.url, parts, slow);
    expect([answer.status, issueOf({ text: answer.body.toString() }).code]).toEqual([408, 'timeout']);
    expect(answer.headers.connection).toBe('close');
  });

  test('do not keep others waiting', async () => {
    const open = Array.from({ length: 200 }, () =>
      sendRaw(server.url, [Buffer.from('GET /fhir/R4/metadata HTTP/1.1\r\nHost: ')], slow),
    );
    expect((await client.send('metadata')).status).toBe(200);
    expect((await post('Basic', basicResource)).status).toBe(201);
    const answers = await Promise.all(open);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([408]));
  });
});

describe('requests that lie', () => {
  const put = (length: string, body: string) =>
    Buffer.from(
      'PUT /fhir/R4/Basic/liar HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' +
        `Authorization: ${server.authorization}\r\nContent-Type: application/fhir+json\r\nContent-Length: ${length}\r\n\r\n${body}`,
    );
  const body = JSON.stringify({ ...basicResource, id: 'liar' });

  test.each([
    ['longer than the body', String(body.length + 10)],
    ['shorter than the body', String(body.length - 10)],
    ['negative', '-1'],
    ['no number', '1e3'],
    ['endless', '9'.repeat(40)],
  ])('a Content-Length that is %s stores nothing', async (_name, length) => {
    const answer = await sendRaw(server.url, [put(length, body)], { halfCloseAfterMs: 300 });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    issueOf({ text: answer.body.toString() });
    expect((await client.send('Basic/liar')).status).toBe(404);
  });
});
