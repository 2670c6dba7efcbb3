import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { serverForFile } from './support.ts';
import { XML, JSON_TYPE, format, jsonOf, outcomeOf, resourceOf, xmlClient } from './xmlSupport.ts';

const server = serverForFile();
const { base, fetchFhir, authorization } = server;
const { call, created } = xmlClient(server);

describe('which format', () => {
  test.each<[string, string, 'xml' | 'json']>([
    ['/metadata', 'application/fhir+xml;q=0.9, application/fhir+json', 'json'],
    ['/metadata', 'application/fhir+json;q=0.8, application/xml;q=0.9', 'xml'],
    ['/metadata', 'application/fhir+xml, application/fhir+json', 'json'],
    ['/metadata', '*/*', 'json'],
    ['/metadata?_format=xml', JSON_TYPE, 'xml'],
    ['/metadata?_format=application/fhir+xml', 'text/html', 'xml'],
    ['/metadata?_format=application%2Ffhir%2Bxml', '*/*', 'xml'],
    ['/metadata?_format=text/xml', '*/*', 'xml'],
    ['/metadata?_format=json', XML, 'json'],
  ])('%s, Accept: %s: %s', async (path, accept, expected) => {
    const answer = await call(path, { accept });
    expect(answer.status).toBe(200);
    (expected === 'xml' ? resourceOf : jsonOf)(answer);
    expect(answer.header('vary')).toBe('Accept, Accept-Encoding, Origin');
  });

  test('406 comes in JSON', async () => {
    const refused = [
      await call('/metadata?_format=ttl'),
      await call('/metadata', { accept: 'text/html' }),
      await call('/metadata', { accept: 'application/fhir+ndjson' }),
    ];
    for (const answer of refused) {
      expect(answer.status).toBe(406);
      expect(jsonOf(answer).resourceType).toBe('OperationOutcome');
    }
  });

  test('a form may say it, also for its errors', async () => {
    const search = (body: string) =>
      call('/Patient/_search', {
        method: 'POST',
        body,
        type: 'application/x-www-form-urlencoded',
        accept: JSON_TYPE,
      });
    expect(resourceOf(await search('_format=xml&_count=1')).resourceType).toBe('Bundle');
    expect(outcomeOf(await search('_format=xml&nonsense=1')).diagnostics).toContain('nonsense');
    expect((await search('_format=xml&_pretty=true')).text).toContain('\n  <type value="searchset"/>');
  });
});

test('the links of a list keep its format', async () => {
  for (const id of ['a', 'b', 'c'])
    await call(`/Basic/links-${id}`, {
      method: 'PUT',
      body: `<Basic xmlns="http://hl7.org/fhir"><id value="links-${id}"/><code><text value="x"/></code></Basic>`,
    });
  for (const list of ['/Basic', '/Basic/_history', '/Basic/links-a/_history']) {
    const page = resourceOf(await call(`${list}?_count=1&_format=xml&_pretty=true`, { accept: JSON_TYPE }));
    const links = page.link as { relation: string; url: string }[];
    for (const { url } of links) expect(url).toContain('_format=xml&_pretty=true');
    const next = links.find(({ relation }) => relation === 'next')?.url;
    if (next === undefined) continue;
    expect(resourceOf(await call(next.replace(base(), ''), { accept: '*/*' })).entry).toHaveLength(1);
  }
});

describe('HTTP', () => {
  test('HEAD, ETag and compression', async () => {
    const { id } = await created('Basic', `<code><text value="${'long '.repeat(1000)}"/></code>`);
    const read = await call(`/Basic/${id}`, { headers: { 'Accept-Encoding': 'identity' } });
    const head = await call(`/Basic/${id}`, { method: 'HEAD', headers: { 'Accept-Encoding': 'identity' } });
    expect(head.text).toBe('');
    for (const name of ['content-type', 'content-length', 'etag', 'last-modified', 'vary'])
      expect([name, head.header(name)]).toEqual([name, read.header(name)]);
    expect(head.header('content-length')).toBe(String(Buffer.byteLength(read.text)));
    expect((await call(`/Basic/${id}`, { headers: { 'If-None-Match': 'W/"1"' } })).status).toBe(304);
    const packed = await compressed(`${base()}/Basic/${id}`);
    expect(gunzipSync(packed).toString()).toBe(read.text);
  });
});

/** The bytes of an answer in gzip, as they are sent. */
function compressed(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    http
      .get(
        url,
        { agent: false, headers: { Accept: XML, 'Accept-Encoding': 'gzip', Authorization: authorization() } },
        (response) => {
          expect(response.headers['content-encoding']).toBe('gzip');
          const chunks: Buffer[] = [];
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('end', () => resolve(Buffer.concat(chunks)));
        },
      )
      .on('error', reject);
  });
}

describe('Binary', () => {
  const bytes = randomBytes(200_000);

  test('bytes as a resource in XML where FHIR is asked for', async () => {
    const upload = await fetchFhir('/Binary', {
      method: 'POST',
      headers: { 'Content-Type': 'application/xml', Accept: XML },
      body: new Uint8Array(bytes),
    });
    const { id } = format.parse(Buffer.from(await upload.arrayBuffer())).value as { id: string };
    for (const answer of [
      await call(`/Binary/${id}`),
      await call(`/Binary/${id}?_format=xml`, { accept: '*/*' }),
    ]) {
      const resource = resourceOf(answer);
      expect(resource).toMatchObject({ resourceType: 'Binary', id, contentType: 'application/xml' });
      expect(Buffer.from(resource.data as string, 'base64').equals(bytes)).toBe(true);
      expect(answer.header('content-security-policy')).toContain('sandbox');
    }
    // Plain XML may be what the bytes are.
    for (const accept of ['application/xml', '*/*', 'image/png']) {
      const raw = await fetchFhir(`/Binary/${id}`, { headers: { Accept: accept } });
      expect(raw.headers.get('content-type')).toBe('application/xml');
      expect(Buffer.from(await raw.arrayBuffer()).equals(bytes)).toBe(true);
    }
    const part = resourceOf(await call(`/Binary/${id}?_elements=contentType`));
    expect(part.data).toBeUndefined();
  });

  test('a resource in XML as bytes', async () => {
    const { id } = await created('Binary', '<contentType value="text/plain"/><data value="aGVs bG8="/>');
    expect((await call(`/Binary/${id}`, { accept: 'text/plain' })).text).toBe('hello');
    expect(resourceOf(await call(`/Binary/${id}`))).toMatchObject({ data: 'aGVs bG8=' });
  });

  test('errors are XML too', async () => {
    expect(outcomeOf(await call('/Binary/none')).diagnostics).toBeTruthy();
  });
});
