import { afterAll, expect, test } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { isAlive } from '../../src/store/postgres/embedded/processes.ts';
import { ADMINISTRATOR, clientAuthorization, fetchSignedIn } from '../support/administrator.ts';
import { postmasterOf, until, workshop, type Program } from '../support/program.ts';

/** What is promised from SIGTERM to the end of the process. */
const STOP_MS_MAX = 10_000;

const site = workshop();
afterAll(() => site.cleanUp());

interface Upload {
  finish(): void;
  /** All that came back, when the server has closed the connection. */
  answer: Promise<string>;
}

/** Sends a request but for the end of its body. */
async function beginUpload(url: string, request: string, contentType: string, body: string): Promise<Upload> {
  const { hostname, port } = new URL(url);
  const authorization = await clientAuthorization(url, ADMINISTRATOR);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined); // a cut connection is what one of the tests is about
  const answer = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  const half = body.length >> 1;
  socket.write(
    `${request} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: ${authorization}\r\nContent-Type: ${contentType}\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  await until(() => text.includes('100 Continue'), 'the server took the request');
  socket.write(body.slice(0, half));
  return { finish: () => void socket.write(body.slice(half)), answer };
}

async function refusesConnections(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket: Socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

async function started(): Promise<{ server: Program; url: string; postmaster: number; dataDir: string }> {
  const dataDir = site.dataDir();
  const server = site.server(dataDir);
  const url = await server.ready();
  return { server, url, postmaster: postmasterOf(dataDir)!.pid, dataDir };
}

test('SIGTERM lets running requests end, takes no new ones, and stops everything', async () => {
  const { server, url, postmaster, dataDir } = await started();
  const patient = JSON.stringify({
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'x'.repeat(100_000) }],
  });
  const put = await beginUpload(url, 'PUT /fhir/R4/Patient/p', 'application/fhir+json', patient);
  const blob = await beginUpload(url, 'PUT /fhir/R4/Binary/b', 'image/png', 'y'.repeat(1_000_000));
  server.child.kill('SIGTERM');
  await server.says(/^SIGTERM: finishing running requests/m);
  await until(() => refusesConnections(url), 'new connections were refused');
  // A second signal of an impatient person or of a supervisor changes nothing.
  server.child.kill('SIGTERM');
  server.child.kill('SIGINT');
  put.finish();
  blob.finish();
  expect(await put.answer).toMatch(/\r\n\r\nHTTP\/1.1 201 /);
  expect(await blob.answer).toMatch(/\r\n\r\nHTTP\/1.1 201 /);
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(server.stderr()).toBe('');
  expect(isAlive(postmaster)).toBe(false);

  const again = site.server(dataDir);
  const next = await again.ready();
  expect((await (await fetchSignedIn(`${next}/fhir/R4/Patient/p`)).text()).length).toBeGreaterThan(
    patient.length,
  );
  const png = await fetchSignedIn(`${next}/fhir/R4/Binary/b`, { headers: { accept: 'image/png' } });
  expect((await png.arrayBuffer()).byteLength).toBe(1_000_000);
});

test('a request that does not end is cut off, and the stop still keeps its time', async () => {
  const { server, url, postmaster } = await started();
  const never = await beginUpload(url, 'POST /fhir/R4/Patient', 'application/fhir+json', 'x'.repeat(1000));
  const before = performance.now();
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(STOP_MS_MAX);
  expect(await never.answer).not.toMatch(/HTTP\/1.1 20[01]/);
  expect(isAlive(postmaster)).toBe(false);
});

test('SIGINT does the same', async () => {
  const { server, postmaster } = await started();
  expect(await server.end('SIGINT')).toEqual({ code: 0, signal: null });
  expect(isAlive(postmaster)).toBe(false);
});

test('SIGTERM to `npm start` reaches the server, though npm passes it to a shell only', async () => {
  const dataDir = site.dataDir();
  const npm = site.npmStart(dataDir);
  await npm.ready();
  const postmaster = postmasterOf(dataDir)!.pid;
  npm.child.kill('SIGTERM');
  // Its standard output stays open until the server has ended, too.
  await npm.exited;
  expect(npm.stdout()).toMatch(/(SIGTERM|npm has ended): finishing running requests/);
  expect(isAlive(postmaster)).toBe(false);
});
