import { expect, test } from '@jest/globals';
import { keyFetch } from '../../src/identity/provider/keyFetch.ts';

const PUBLIC_ONLY = { dispatcher: {} } as RequestInit;
/** Notes what is fetched how. */
function recorder(privateOrigins: string[] = []) {
  const calls: [string, RequestInit][] = [];
  const fetchIt = (async (url: string, options: RequestInit) => {
    calls.push([String(url), options]);
    return new Response('{}');
  }) as typeof fetch;
  return { calls, get: keyFetch(privateOrigins, fetchIt) };
}

test('from public addresses, without following redirects', async () => {
  const { calls, get } = recorder();
  await get('https://app.example/keys', PUBLIC_ONLY);
  expect(calls).toEqual([['https://app.example/keys', { ...PUBLIC_ONLY, redirect: 'error' }]]);
});

test('anywhere, where the operator says so', async () => {
  const { calls, get } = recorder(['http://127.0.0.1:9']);
  await get('http://127.0.0.1:9/keys', PUBLIC_ONLY);
  expect(calls).toEqual([['http://127.0.0.1:9/keys', { redirect: 'error' }]]);
  await expect(get('http://127.0.0.1:90/keys', PUBLIC_ONLY)).rejects.toThrow('invalid_client_metadata');
});

test.each([
  ['plain http', 'http://app.example/keys', PUBLIC_ONLY],
  ['a file', 'file:///etc/passwd', PUBLIC_ONLY],
  ['nothing that would refuse private addresses', 'https://app.example/keys', {}],
])('refused: %s', async (_name, url, options) => {
  const { calls, get } = recorder();
  await expect(get(url, options)).rejects.toThrow('invalid_client_metadata');
  expect(calls).toEqual([]);
});
