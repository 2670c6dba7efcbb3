import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { askInTurn } from '../../src/generator/askInTurn.ts';
import type { Target } from '../../src/processes/target.ts';

let server: Server;
let target: Target;
const asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    response.end(request.url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  target = { port, pid: process.pid, basePath: '/images', stop: async () => undefined };
});
afterAll(() => void server.close());

const get = (path: string, answer: string) => ({ method: 'GET', path, answer }) as const;

test('requests are sent once, in their order, below the base of what is asked', async () => {
  const timesMs = await askInTurn(target, [get('/1', '1'), get('/2', '')]);
  expect(timesMs).toHaveLength(2);
  expect(asked).toEqual(['/images/1', '/images/2']);
});

test.each([0, 1])('an answer without what is to be in it is no success: number %p', async (wrong) => {
  const requests = [0, 1].map((at) => get('/x', at === wrong ? 'y' : 'x'));
  await expect(askInTurn(target, requests)).rejects.toThrow('an answer without y');
});
