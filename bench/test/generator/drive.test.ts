import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { dataPlan } from '../../src/data/plan.ts';
import { drive } from '../../src/generator/drive.ts';
import { encodeRequest } from '../../src/generator/encode.ts';
import type { LoadResult } from '../../src/generator/job.ts';

/** Load on a server of this process for a moment; the requests carry their number in path and body. */
const driveOn = async (listener: RequestListener): Promise<{ result: LoadResult; phases: string[] }> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const addressee = { host: '127.0.0.1', port, basePath: '/base' };
  const requests = Array.from({ length: 8 }, (_, at) =>
    encodeRequest({ method: 'POST', path: `/${at}`, body: `ä${at}`, answer: `:${at}` }, addressee),
  );
  const job = {
    ...addressee,
    caseName: '',
    plan: dataPlan(1),
    seed: 1,
    connections: 3,
    warmupMs: 200,
    measureMs: 1_000,
    checkAnswers: true,
  };
  const phases: string[] = [];
  const result = await drive(job, requests, (kind) => phases.push(kind));
  server.close();
  return { result, phases };
};

test('counts the answers of the measured time and sends the requests whole', async () => {
  const seen = new Set<string>();
  const { result, phases } = await driveOn((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      seen.add(`${request.url} ${body}`);
      response.end(`:${request.url?.split('/').at(-1)}`);
    });
  });
  expect(result).toMatchObject({ errors: 0, firstError: undefined });
  expect(result.requests).toBeGreaterThan(0);
  expect(result.p50Ms).toBeLessThanOrEqual(result.p99Ms);
  expect(result.p99Ms).toBeLessThanOrEqual(result.maxMs);
  expect(phases).toEqual(['begin', 'end']);
  expect(seen).toContain('/base/5 ä5');
  expect(seen.size).toBe(8);
});

test('a status other than 2xx is an error', async () => {
  const { result } = await driveOn((request, response) => {
    request.resume();
    response.writeHead(500).end('broken');
  });
  expect(result.errors).toBeGreaterThan(0);
  expect(result.firstError).toBe('status 500 broken');
});

test('a wrong answer is an error', async () => {
  const { result } = await driveOn((request, response) => {
    request.resume();
    response.end('something else');
  });
  expect(result.firstError).toMatch(/^an answer without :\d: something else$/);
});

test('a connection that the server cuts is an error, and ends', async () => {
  const { result } = await driveOn((request) => request.socket.destroy());
  expect(result).toMatchObject({ errors: 3, requests: 0 });
});
