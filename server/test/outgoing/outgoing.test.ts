import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback, isPublic } from '../../src/outgoing/addresses.ts';
import { Destinations } from '../../src/outgoing/destinations.ts';
import { send } from '../../src/outgoing/send.ts';

test.each([
  ['8.8.8.8', true],
  ['10.1.2.3', false],
  ['100.64.0.1', false],
  ['127.0.0.1', false],
  ['169.254.169.254', false],
  ['172.31.255.255', false],
  ['172.32.0.1', true],
  ['192.168.1.1', false],
  ['224.0.0.1', false],
  ['0.0.0.0', false],
  ['2606:4700::1', true],
  ['::1', false],
  ['::', false],
  ['fc00::1', false],
  ['fe80::1', false],
  ['ff02::1', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:7f00:1', false],
  ['::ffff:8.8.8.8', true],
  ['example.org', false],
])('%s is a public address: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});

test('loopback addresses are known in all their clothes', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'].map(isLoopback)).toEqual(
    Array(5).fill(true),
  );
  expect(['8.8.8.8', '::2', 'localhost'].map(isLoopback)).toEqual([false, false, false]);
});

const rules = { allow: ['http://10.0.0.7:8080'], loopback: false, ownPorts: () => [8103] };
const strict = new Destinations(rules);
const local = new Destinations({ ...rules, loopback: true });

test.each([
  ['https://hooks.example/a?b=c', undefined],
  ['http://hooks.example/', /https/],
  ['ftp://hooks.example/', /https/],
  ['hooks', /absolute/],
  ['https://user:pw@hooks.example/', /password/],
  ['https://127.0.0.1:1/', /public/],
  ['https://localhost:1/', /public/],
  ['https://a.localhost/', /public/],
  ['https://2130706433/', /public/],
  ['https://0x7f.1/', /public/],
  ['https://[::1]/', /public/],
  ['https://[::ffff:7f00:1]/', /public/],
  ['https://169.254.169.254/latest/meta-data', /public/],
  ['http://10.0.0.7:8080/hook', undefined],
  ['http://10.0.0.7:8081/hook', /public/],
])('%s: %s', (url, fault) => {
  if (fault === undefined) expect(strict.urlFault(url)).toBeUndefined();
  else expect(strict.urlFault(url)).toMatch(fault);
});

test('receivers on this machine may be allowed, the server itself never', () => {
  expect(local.urlFault('http://127.0.0.1:9000/')).toBeUndefined();
  expect(local.urlFault('http://localhost:8103/fhir/R4')).toMatch(/this server/);
  expect(local.urlFault('http://[::ffff:127.0.0.1]:8103/')).toMatch(/this server/);
  expect(local.urlFault('http://0.0.0.0:8103/')).toMatch(/this server/);
  const allowed = new Destinations({ ...rules, allow: ['http://127.0.0.1:8103'] });
  expect(allowed.urlFault('http://127.0.0.1:8103/')).toMatch(/this server/);
});

describe('a request', () => {
  let receiver: Server;
  let base: string;
  let name: string;
  const got: { url: string | undefined; body: string }[] = [];
  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ url: request.url, body });
        if (request.url === '/never') return;
        if (request.url === '/hang-up') return void request.socket.destroy();
        if (request.url === '/other-protocol')
          return void request.socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n',
          );
        const interims = Number(/^\/interim\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
        request.socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(interims));
        const location = request.url === '/moved' ? { Location: `${base}/elsewhere` } : {};
        response.writeHead(request.url === '/moved' ? 307 : 204, location).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    base = `http://127.0.0.1:${port}`;
    name = `http://localhost:${port}`;
  });
  afterAll(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  const post = (url: string, timeoutMs = 20_000) =>
    send({ method: 'POST', url, headers: { 'Content-Type': 'text/plain' }, body: 'hällo', timeoutMs }, local);

  test('arrives, and its status comes back', async () => {
    expect(await post(`${base}/here`)).toBe(204);
    expect(got.at(-1)).toEqual({ url: '/here', body: 'hällo' });
    expect(await post(`${name}/by-name`)).toBe(204);
  });

  test('is not sent on elsewhere', async () => {
    expect(await post(`${base}/moved`)).toBe(307);
    expect(got.at(-1)!.url).toBe('/moved');
  });

  test('fails with a reason', async () => {
    await expect(post(`${base}/hang-up`)).rejects.toThrow(/connection failed/);
    await expect(post(`${base}/never`, 50)).rejects.toThrow(/no answer within 50 ms/);
  });

  test('ends where interim answers never end, and takes some', async () => {
    expect(await post(`${base}/interim/3`)).toBe(204);
    await expect(post(`${base}/interim/1000`)).rejects.toThrow(/interim/);
  });

  test('fails where it cannot be written', async () => {
    const headers = { 'Content-Type': 'text/plain; a=\u4e2d' };
    await expect(
      send({ method: 'POST', url: base, headers, body: '', timeoutMs: 20_000 }, local),
    ).rejects.toMatchObject({ name: 'SendError' });
  });

  test('ends where the other side changes to another protocol', async () => {
    await expect(post(`${base}/other-protocol`)).rejects.toThrow(/another protocol/);
    receiver.once('connect', (_request, socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    const tunnel = { method: 'CONNECT', url: `${base}/`, headers: {}, body: '', timeoutMs: 20_000 };
    await expect(send(tunnel, local)).rejects.toThrow(/another protocol/);
  });

  test('goes nowhere when its name leads to what is not allowed', async () => {
    const before = got.length;
    const port = new URL(base).port;
    const judge = new Destinations({ ...rules, allow: [], ownPorts: () => [] });
    // As a name that led to a public address a moment ago.
    judge.urlFault = () => undefined;
    const sent = send(
      { method: 'POST', url: `http://localhost:${port}/`, headers: {}, body: '', timeoutMs: 20_000 },
      judge,
    );
    await expect(sent).rejects.toMatchObject({ isRefused: true, message: expect.stringMatching(/public/) });
    expect(got).toHaveLength(before);
  });
});
