import { describe, expect, test } from '@jest/globals';
import http from 'node:http';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base, authorization } = serverForFile({ bodyBytesMax: 100_000 });

interface Asked {
  method?: string;
  url?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string;
}

/** Sends the headers, and the body only when the server asks for it. */
function ask({ method = 'POST', url = `${base()}/Patient`, headers = {}, body = '{}' }: Asked) {
  return new Promise<{ status: number; isContinued: boolean }>((resolve, reject) => {
    const own = { Authorization: authorization(), 'Content-Type': FHIR, 'Content-Length': body.length };
    const request = http.request(url, { method, headers: { ...own, Expect: '100-continue', ...headers } });
    let isContinued = false;
    request.once('continue', () => {
      isContinued = true;
      request.end(body);
    });
    request.once('response', (response) => {
      resolve({ status: response.statusCode!, isContinued });
      request.destroy();
    });
    request.once('error', reject);
    request.flushHeaders();
  });
}

describe('Expect: 100-continue', () => {
  test('is answered where the body is wanted', async () => {
    const body = fhir({ resourceType: 'Patient', id: 'waiting' });
    expect(await ask({ body })).toEqual({ status: 201, isContinued: true });
    const put = { method: 'PUT', url: `${base()}/Patient/waiting`, body };
    expect(await ask(put)).toEqual({ status: 201, isContinued: true });
    const raw = { url: `${base()}/Binary`, headers: { 'Content-Type': 'text/plain' }, body: 'bytes' };
    expect(await ask(raw)).toEqual({ status: 201, isContinued: true });
    await api().get('/Patient/waiting').expect(200);
  });

  test('outside of the FHIR base, too', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const token = { url: new URL('/oauth2/token', base()).href, headers, body: 'grant_type=nonsense' };
    expect(await ask(token)).toMatchObject({ isContinued: true });
  });

  test.each<[number, Asked]>([
    [401, { headers: { Authorization: 'Bearer nobody' } }],
    [404, { url: '/Nonsense' }],
    [405, { method: 'PUT', url: '/Patient/p/_history' }],
    [406, { headers: { Accept: 'text/html' } }],
    [413, { headers: { 'Content-Length': 200_000 } }],
    [415, { headers: { 'Content-Type': 'text/plain' } }],
    [415, { headers: { 'Content-Encoding': 'zstd' } }],
    [400, { method: 'PUT', url: '/Patient/p', headers: { 'If-Match': 'nonsense' } }],
    [422, { headers: { 'If-Match': 'W/"1"' } }],
  ])('%i is answered instead: %j', async (status, { url, ...asked }) => {
    const whole = url === undefined ? asked : { ...asked, url: `${base()}${url}` };
    expect(await ask(whole)).toEqual({ status, isContinued: false });
  });
});
