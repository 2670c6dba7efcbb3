import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { fetchFhir } = serverForFile({ binaryBytesMax: 3_000_000 });
const bytes = randomBytes(1_000_000);
const hash = (content: ArrayBuffer | Buffer) =>
  createHash('sha256')
    .update(Buffer.from(content as Buffer))
    .digest('hex');

const upload = (path: string, method: string, headers: Record<string, string> = {}, body: Buffer = bytes) =>
  fetchFhir(`${path}`, {
    method,
    headers: { 'Content-Type': 'image/png', ...headers },
    body: new Uint8Array(body),
  });
const get = (path: string, headers: Record<string, string> = {}) => fetchFhir(`${path}`, { headers });

describe('raw', () => {
  test('a security context is one resource, not what criteria find', async () => {
    for (const context of ['Patient?_id=1', 'http://example.org/fhir/Patient?_id=1']) {
      const refused = await upload('/Binary/guarded', 'PUT', { 'X-Security-Context': context });
      expect(refused.status).toBe(400);
      const outcome = (await refused.json()) as { issue: { expression: string[] }[] };
      expect(outcome.issue[0]!.expression).toEqual(['Binary.securityContext']);
    }
    expect((await get('/Binary/guarded')).status).toBe(404);
  });

  test('bytes come back as they were sent, and can do no harm', async () => {
    const created = await upload('/Binary', 'POST', { 'X-Security-Context': 'Patient/1' });
    expect(created.status).toBe(201);
    const resource = (await created.json()) as { id: string };
    expect(resource).toMatchObject({ contentType: 'image/png', securityContext: { reference: 'Patient/1' } });
    const raw = await get(`/Binary/${resource.id}`);
    expect(hash(await raw.arrayBuffer())).toBe(hash(bytes));
    expect(Object.fromEntries(raw.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': '1000000',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment',
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-security-context': 'Patient/1',
      etag: 'W/"1"',
    });
    expect((await get(`/Binary/${resource.id}`, { 'If-None-Match': 'W/"1"' })).status).toBe(304);
    const head = await fetchFhir(`/Binary/${resource.id}`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('1000000');
  });

  test('as FHIR where FHIR is asked for', async () => {
    const { id } = (await (await upload('/Binary', 'POST')).json()) as { id: string };
    for (const answer of [
      await get(`/Binary/${id}?_format=json`),
      await get(`/Binary/${id}`, { Accept: FHIR }),
    ]) {
      expect(answer.headers.get('content-type')).toContain(FHIR);
      const resource = (await answer.json()) as { data: string; contentType: string };
      expect(hash(Buffer.from(resource.data, 'base64'))).toBe(hash(bytes));
    }
  });

  test.each([
    [`image/png, ${FHIR};q=0.9`, 'image/png'],
    [`application/json;q=0.5, image/*`, 'image/png'],
    [`${FHIR};q=0, */*`, 'image/png'],
    [`application/pdf, ${FHIR};q=0.9`, FHIR],
    [`image/png;q=0.9, ${FHIR}`, FHIR],
    ['application/json, text/plain, */*', FHIR],
  ])('Accept: %s is heeded with its qualities', async (accept, type) => {
    const { id } = (await (await upload('/Binary', 'POST')).json()) as { id: string };
    const answer = await get(`/Binary/${id}`, { Accept: accept });
    expect(answer.headers.get('content-type')).toContain(type);
    await answer.arrayBuffer();
  });

  test.each(['text/plain; a=тип', 'text/plain; x', 'text/plain; a=b c', `a/${'b'.repeat(101)}`])(
    'of a type that no header can carry, such as %s, come as bytes of no type',
    async (contentType) => {
      const body = JSON.stringify({ resourceType: 'Binary', id: 'odd', contentType, data: 'aGk=' });
      const put = await upload('/Binary/odd', 'PUT', { 'Content-Type': FHIR }, Buffer.from(body));
      expect(put.ok).toBe(true);
      const raw = await get('/Binary/odd');
      expect([raw.status, raw.headers.get('content-type'), await raw.text()]).toEqual([
        200,
        'application/octet-stream',
        'hi',
      ]);
    },
  );

  test('every version keeps its own bytes', async () => {
    const [one, two] = [Buffer.from('first'), Buffer.from('second')];
    expect((await upload('/Binary/versions', 'PUT', {}, one)).status).toBe(201);
    expect((await upload('/Binary/versions', 'PUT', { 'If-Match': 'W/"1"' }, two)).status).toBe(200);
    expect((await upload('/Binary/versions', 'PUT', { 'If-Match': 'W/"1"' }, two)).status).toBe(412);
    expect(await (await get('/Binary/versions')).text()).toBe('second');
    expect(await (await get('/Binary/versions/_history/1')).text()).toBe('first');
    await fetchFhir(`/Binary/versions`, { method: 'DELETE' });
    expect((await get('/Binary/versions')).status).toBe(410);
  });

  test('empty bytes are bytes', async () => {
    const { id } = (await (await upload('/Binary', 'POST', {}, Buffer.alloc(0))).json()) as { id: string };
    const answer = await get(`/Binary/${id}`);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  test('too many, or of no media type, are refused', async () => {
    expect((await upload('/Binary', 'POST', {}, Buffer.alloc(3_000_001))).status).toBe(413);
    expect((await upload('/Binary', 'POST', { 'Content-Type': 'nonsense' })).status).toBe(400);
    expect((await upload('/Binary/under_score', 'PUT')).status).toBe(400);
  });
});

test('a Binary sent as FHIR is stored as FHIR and given out raw', async () => {
  const resource = {
    resourceType: 'Binary',
    contentType: 'text/plain',
    data: Buffer.from('hello').toString('base64'),
  };
  const created = await fetchFhir(`/Binary`, {
    method: 'POST',
    headers: { 'Content-Type': FHIR, Accept: FHIR },
    body: fhir(resource),
  });
  const { id } = (await created.json()) as { id: string };
  const raw = await get(`/Binary/${id}`);
  expect([raw.headers.get('content-type'), await raw.text()]).toEqual(['text/plain', 'hello']);
  expect(await (await get(`/Binary/${id}`, { Accept: FHIR })).json()).toMatchObject(resource);
});

describe('a body in a format of FHIR that is no Binary', () => {
  test.each([
    ['application/json', '{"a": 1.10}'],
    ['application/json; charset=utf-8', '[1, 2]'],
    [FHIR, '{"resourceType":"Patient","id":"p"}'],
    [FHIR, '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Binary"}}]}'],
    ['application/fhir+xml', '<Patient xmlns="http://hl7.org/fhir"><!-- x --></Patient>'],
  ])('is content, to the letter: %s %s', async (contentType, text) => {
    for (const [path, method] of [
      ['/Binary', 'POST'],
      ['/Binary/kept', 'PUT'],
    ] as const) {
      const headers = { 'Content-Type': contentType, Accept: FHIR };
      const written = await upload(path, method, headers, Buffer.from(text));
      const { id, contentType: kept } = (await written.json()) as { id: string; contentType: string };
      expect(kept).toBe(contentType);
      const raw = await get(`/Binary/${id}`);
      expect([raw.headers.get('content-type'), await raw.text()]).toEqual([contentType, text]);
    }
  });

  test.each([
    [FHIR, '{"open":'],
    [FHIR, '{"resourceTyp":"Binary","securityContext":{"reference":"Patient/p"}}'],
    ['application/json', '{"resourceTyp\xe9":"Binary"}'],
    ['application/fhir+xml', '<Binray xmlns="http://hl7.org/fhir"/>'],
  ])(
    'is no file where it is a broken Binary, whose context would be lost: %s %s',
    async (contentType, text) => {
      const headers = { 'Content-Type': contentType, Accept: FHIR };
      expect((await upload('/Binary', 'POST', headers, Buffer.from(text, 'latin1'))).status).toBe(400);
    },
  );

  test('a Binary is judged as one, wherever its type stands', async () => {
    const send = (type: string, text: string) =>
      upload('/Binary', 'POST', { 'Content-Type': type, Accept: FHIR }, Buffer.from(text));
    const sent = await send('application/json', '{"contentType":"text/plain","resourceType":"Binary"}');
    expect(await sent.json()).toMatchObject({ contentType: 'text/plain' });
    expect((await send(FHIR, '{"resourceType":"Binary","data":7}')).status).toBe(400);
    expect((await send(FHIR, '{"resourceType":"Binary",')).status).toBe(400);
    expect((await send('application/fhir+xml', '<Binary>')).status).toBe(400);
  });
});
