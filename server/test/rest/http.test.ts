import { describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, root, base, authorization, fetchFhir } = serverForFile({
  corsOrigins: ['https://app.example'],
  bodyBytesMax: 100_000,
});
const note = 'long '.repeat(1000);

/** Of GET metadata with exactly these header lines. */
async function statusOf(lines: string[]): Promise<number> {
  const { hostname, port, pathname } = new URL(base());
  const socket = connect(Number(port), hostname);
  socket.write([`GET ${pathname}/metadata HTTP/1.1`, ...lines, 'Connection: close', '', ''].join('\r\n'));
  return Number((await text(socket)).split(' ')[1]);
}

describe('format', () => {
  test.each([
    'application/fhir+json',
    'application/json',
    '*/*',
    'text/html, application/json;q=0.5',
    'application/*',
  ])('Accept: %s', (accept) =>
    api()
      .get('/metadata')
      .set('Accept', accept)
      .expect(200)
      .expect('Content-Type', 'application/fhir+json; charset=utf-8'),
  );
  test.each(['application/fhir+turtle', 'text/html', 'application/json;q=0'])('not Accept: %s', (accept) =>
    api().get('/metadata').set('Accept', accept).expect(406),
  );
  test('_format wins over Accept', async () => {
    await api().get('/metadata?_format=json').set('Accept', 'application/fhir+xml').expect(200);
    await api().get('/metadata?_format=application/fhir+json').set('Accept', 'text/html').expect(200);
    await api().get('/metadata?_format=ttl').expect(406);
  });
});

describe('compression', () => {
  test.each(['gzip', 'br', 'gzip, br'])('%s', async (accepted) => {
    const answer = await api().get('/metadata').set('Accept-Encoding', accepted).expect(200);
    expect(answer.headers['content-encoding']).toBe(accepted.includes('br') ? 'br' : 'gzip');
    expect(answer.body.resourceType).toBe('CapabilityStatement');
  });

  test.each(['constructor', '__proto__', 'zstd'])('a request body in %s is refused', async (encoding) => {
    await api()
      .post('/Patient')
      .set('Content-Type', FHIR)
      .set('Content-Encoding', encoding)
      .send(fhir({ resourceType: 'Patient' }))
      .expect(415);
    await api()
      .post('/Binary')
      .set('Content-Type', 'text/plain')
      .set('Content-Encoding', encoding)
      .send('text')
      .expect(415);
  });

  test('of the request body, within its limit', async () => {
    const small = gzipSync(fhir({ resourceType: 'Basic', code: { text: note } }));
    const bomb = gzipSync(fhir({ resourceType: 'Basic', code: { text: 'x'.repeat(2_000_000) } }));
    const send = (body: string | Uint8Array<ArrayBuffer>, encoding = 'gzip') =>
      fetchFhir('/Basic', {
        method: 'POST',
        headers: { 'Content-Type': FHIR, 'Content-Encoding': encoding },
        body,
      });
    const created = (await (await send(small)).json()) as { code: { text: string } };
    expect(created.code.text).toBe(note);
    expect((await send(bomb)).status).toBe(413);
    expect((await send('no gzip')).status).toBe(400);
    expect((await send('x', 'zip')).status).toBe(415);
  });
});

describe('cross-origin', () => {
  test('a page of an allowed origin may read, one of another is refused', async () => {
    const allowed = await api().get('/metadata').set('Origin', 'https://app.example').expect(200);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example');
    await api().get('/metadata').set('Origin', 'http://localhost:3000').expect(200);
    const refused = await api().get('/metadata').set('Origin', 'https://evil.example').expect(403);
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    await api().get('/metadata').set('Origin', 'null').expect(403);
  });

  test('preflight', async () => {
    const answer = await api().options('/Patient/1').set('Origin', 'https://app.example').expect(204);
    expect(answer.headers['access-control-allow-methods']).toContain('PUT');
    expect(answer.headers['access-control-allow-headers']).toContain('If-Match');
    expect(answer.headers.allow).toBe('GET, PUT, PATCH, DELETE, HEAD, OPTIONS');
    expect((await api().options('/Nonsense').expect(204)).headers.allow).toBeUndefined();
  });

  test('a name that points at this machine is not the server (DNS rebinding)', async () => {
    await api().get('/metadata').set('Host', 'evil.example').expect(403);
    await api().get('/metadata').set('Host', 'localhost:1').expect(200);
    expect(await statusOf(['Host: localhost'])).toBe(200);
    expect(await statusOf(['Host: localhost', 'host: localhost'])).toBe(400);
  });
});

test('X-Request-Id is kept, or made', async () => {
  expect((await api().get('/metadata').set('X-Request-Id', 'my-id.1')).headers['x-request-id']).toBe(
    'my-id.1',
  );
  expect((await api().get('/metadata').set('X-Request-Id', 'a b<script>')).headers['x-request-id']).toMatch(
    /^[0-9a-f-]{36}$/,
  );
});

test('health, metrics, entry page', async () => {
  await root().get('/healthz').expect(200);
  await root().get('/readyz').expect(200, 'ready\n');
  await root().get('/metrics').expect(401);
  const { text } = await root().get('/metrics').set('Authorization', authorization()).expect(200);
  expect(text).toContain('maxray_fhir_requests_total');
  expect(text).toMatch(/^maxray_event_deliveries_waiting \d+$/m);
  expect((await root().get('/').expect(200)).text).toContain(base());
  await root().get('/elsewhere').expect(404);
});
