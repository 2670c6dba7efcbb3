import { afterEach, expect, test } from '@jest/globals';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { send } from '../../../src/rest/http/respond.ts';
import type { FhirResponse } from '../../../src/rest/http/types.ts';

/** More than the operating system buffers for a client that does not read. */
const LARGE = 'x'.repeat(40_000_000);
const STALLED_MS_MAX = 2_000;
const options = { acceptEncoding: undefined, headOnly: false };

let server: http.Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A server that gives every request this answer; resolves with its port, and with how each answer ended. */
async function serving(answer: () => FhirResponse) {
  const ends: string[] = [];
  server = http.createServer((_request, response) => {
    response.on('close', () => ends.push(response.writableFinished ? 'whole' : 'cut off'));
    send(response, answer(), options, STALLED_MS_MAX)?.catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, ends };
}

test.each<[string, () => FhirResponse]>([
  ['text', () => ({ status: 200, body: LARGE })],
  ['a stream', () => ({ status: 200, stream: Readable.from([Buffer.from(LARGE)]) })],
])('a client that does not read %s is cut off', async (_what, answer) => {
  const { port, ends } = await serving(answer);
  const socket = net.connect(port, '127.0.0.1').pause();
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise<void>((resolve) => {
    server.on('connection', (connection: net.Socket) => connection.on('close', () => resolve()));
  });
  expect(ends).toEqual(['cut off']);
  socket.destroy();
});

test('one that reads slowly is not, and its connection serves on after a rest', async () => {
  const { port, ends } = await serving(() => ({ status: 200, body: LARGE }));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 2; i++) {
    const response = await new Promise<http.IncomingMessage>((resolve) =>
      http.get({ port, host: '127.0.0.1', agent }, resolve),
    );
    let bytes = 0;
    for await (const chunk of response) {
      const before = Math.floor(bytes / 10_000_000);
      bytes += (chunk as Buffer).length;
      if (Math.floor(bytes / 10_000_000) > before) await pause(50);
    }
    expect(bytes).toBe(LARGE.length);
    if (i === 0) await pause(STALLED_MS_MAX * 1.5);
  }
  agent.destroy();
  expect(ends).toEqual(['whole', 'whole']);
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
