import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { signInCallers } from '../../src/callers/signInCallers.ts';
import type { BenchCase } from '../../src/cases/case.ts';
import { dataPlan } from '../../src/data/plan.ts';
import type { Target } from '../../src/processes/target.ts';

const ONE = { id: 'one', policy: 'maxray-patient', profile: 'Patient/1' };
const bench: BenchCase = {
  name: 'x',
  title: 'x',
  writes: false,
  callers: () => [ONE],
  makeRequests: () => [],
};
const target = (port: number): Target => ({ port, pid: 1, stop: () => Promise.resolve() });

/** A server that takes accounts of its administrator alone, and notes them. */
const serving = async () => {
  const seen: { what: string; authorization: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { authorization } = request.headers;
      seen.push({ what: `${request.method} ${request.url}`, authorization, body });
      if (request.url === '/oauth2/token') return response.end('{"access_token":"token-of-one"}');
      if (authorization !== 'Bearer administrator') return response.writeHead(401).end();
      const secret = { resourceType: 'Parameters', parameter: [{ name: 'secret', valueString: 's' }] };
      return response.end(JSON.stringify(request.url?.includes('$rotate-secret') ? secret : {}));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { seen, port: (server.address() as AddressInfo).port, close: () => server.close() };
};

test('each caller has an account with its policy, once, and a token', async () => {
  const { seen, port, close } = await serving();
  const server = { ...target(port), authorization: 'Bearer administrator' };
  const signedIn = await signInCallers(server, [bench, bench], dataPlan(0.01));
  close();
  expect(signedIn.callers).toEqual({ one: 'Bearer token-of-one' });
  expect(seen.map(({ what }) => what)).toEqual([
    'PUT /fhir/R4/Project/bench',
    'PUT /fhir/R4/AccessPolicy/maxray-patient',
    'PUT /fhir/R4/ClientApplication/one',
    'PUT /fhir/R4/ProjectMembership/one',
    'POST /fhir/R4/ClientApplication/one/$rotate-secret',
    'POST /oauth2/token',
  ]);
  expect(JSON.parse(seen[3]?.body ?? '')).toMatchObject({
    user: { reference: 'ClientApplication/one' },
    profile: { reference: 'Patient/1' },
    access: [{ policy: { reference: 'AccessPolicy/maxray-patient' } }],
  });
  expect(seen[5]?.authorization).toBe(`Basic ${Buffer.from('one:s').toString('base64')}`);
});

test('a server that asks nobody who it is gets no accounts', async () => {
  const { seen, port, close } = await serving();
  expect(await signInCallers(target(port), [bench], dataPlan(0.01))).not.toHaveProperty('callers');
  close();
  expect(seen).toEqual([]);
});
