import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CONFLICT_ATTEMPTS_MAX, nextWaitMs, PATIENCE, type Patience } from '../../../src/cli/load/retry.ts';
import { retryAfter } from '../../../src/cli/load/send.ts';
import { isRepeatable } from '../../../src/cli/load/upload.ts';
import type { Behaviour, FakeServer, Folder, Reply } from './support.ts';
import { fakeServer, folder, HASTY, load, outcome } from './support.ts';

let files: Folder;
let server: FakeServer | undefined;
beforeEach(async () => {
  files = await folder();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await files.remove();
});

const bundle = (request: object) =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ resource: { resourceType: 'Patient', id: 'a' }, request }],
  });
const UPDATES = bundle({ method: 'PUT', url: 'Patient/a' });
const CREATES = bundle({ method: 'POST', url: 'Patient' });

/** Gives up soon: for a server that does not come to itself. */
const WEARY: Patience = { ...HASTY, totalMs: 2_000 };

async function loadFrom(text: string, behaviour: Behaviour, patience = HASTY) {
  server = await fakeServer(behaviour);
  const result = await load([await files.write('a.json', text), '--url', server.url], patience);
  return { ...result, sent: server.received.length };
}
const first =
  (reply: Reply): Behaviour =>
  (_request, count) =>
    count === 1 ? reply : { status: 200 };

describe('an answer that says nothing was done', () => {
  test.each([
    ['updates', 503, UPDATES],
    ['creates', 503, CREATES],
    ['creates', 429, CREATES],
  ])('lets %s be sent again after %i', async (_kind, status, text) => {
    const { code, sent, out } = await loadFrom(text, first({ status, headers: { 'Retry-After': '0' } }));
    expect([code, sent]).toEqual([0, 2]);
    expect(out).toContain('1 resources');
  });

  test('is believed until patience ends', async () => {
    const away = { status: 503, body: outcome('The database is away.') };
    const { code, sent, err } = await loadFrom(CREATES, () => away, WEARY);
    expect(code).toBe(1);
    expect(sent).toBeGreaterThan(3);
    expect(err).toMatch(/a\.json: HTTP 503: The database is away\. Tried \d+ times\./);
  });

  test('is not waited for beyond patience', async () => {
    const { code, sent } = await loadFrom(
      CREATES,
      first({ status: 503, headers: { 'Retry-After': '3600' } }),
    );
    expect([code, sent]).toEqual([1, 1]);
  });
});

describe('an outcome that nobody knows', () => {
  const unknown = outcome('The outcome is unknown.', { details: { coding: [{ code: 'outcome-unknown' }] } });
  const cases: [string, Reply][] = [
    ['a broken connection', 'break'],
    ['a gateway that failed', { status: 502 }],
    ['a database that broke during the commit', { status: 503, body: unknown }],
  ];

  test.each(cases)('(%s) lets updates be sent again', async (_name, reply) => {
    const { code, sent } = await loadFrom(UPDATES, first(reply));
    expect([code, sent]).toEqual([0, 2]);
  });

  test.each(cases)('(%s) is reported for creates, which are not sent twice', async (_name, reply) => {
    const { code, sent, err, out } = await loadFrom(CREATES, first(reply));
    expect([code, sent]).toEqual([1, 1]);
    expect(err).toContain('Nobody knows whether it was stored, and it was not sent again');
    expect(out).toContain('0 resources');
  });
});

test.each([400, 412, 500])('an answer of %i stands', async (status) => {
  const { code, sent } = await loadFrom(UPDATES, first({ status }));
  expect([code, sent]).toEqual([1, 1]);
});

describe('a conflict', () => {
  test.each([
    ['updates', UPDATES],
    ['creates', CREATES],
  ])('of %s with others is tried again', async (_kind, text) => {
    const { code, sent } = await loadFrom(text, (_request, count) => ({ status: count < 3 ? 409 : 200 }));
    expect([code, sent]).toEqual([0, 3]);
  });

  test('that does not pass stands after a few times', async () => {
    const { code, sent, err } = await loadFrom(UPDATES, () => ({ status: 409, body: outcome('Others.') }));
    expect([code, sent]).toEqual([1, CONFLICT_ATTEMPTS_MAX]);
    expect(err).toContain('HTTP 409: Others.');
  });
});

describe('a server that is not there', () => {
  /** A port on which nothing listens. */
  async function freePort(): Promise<number> {
    const probe = await fakeServer();
    const { port } = new URL(probe.url);
    await probe.close();
    return Number(port);
  }

  test('is waited for', async () => {
    const port = await freePort();
    const file = await files.write('a.json', CREATES);
    const loading = load([file, '--url', `http://127.0.0.1:${port}/fhir/R4`]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    server = await fakeServer(undefined, port);
    expect((await loading).code).toBe(0);
    expect(server.received).toHaveLength(1);
  });

  test('ends the load when it does not come', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const paths = await Promise.all(names.map((name) => files.write(`${name}.json`, UPDATES)));
    const url = `http://127.0.0.1:${await freePort()}/fhir/R4`;
    const { code, err } = await load([...paths, '--url', url, '--parallel', '2'], WEARY);
    expect(code).toBe(1);
    expect(err).toContain('No answer (ECONNREFUSED).');
    expect(err).toContain('The server cannot be reached: the rest was not sent.');
    expect(err.match(/ECONNREFUSED/g)?.length).toBeLessThan(names.length);
  });
});

describe('what may be sent twice', () => {
  test.each([
    [{ method: 'PUT' }, true],
    [{ method: 'DELETE' }, true],
    [{ method: 'GET' }, true],
    [{ method: 'POST', ifNoneExist: 'identifier=x' }, true],
    [{ method: 'POST' }, false],
    [{ method: 'PUT', ifMatch: 'W/"1"' }, false],
    [{ method: 'PATCH' }, false],
    [undefined, false],
  ])('%j: %p', (request, repeatable) => {
    expect(isRepeatable(request)).toBe(repeatable);
  });
});

describe('waits', () => {
  test('double, to a limit', () => {
    const waits = [1, 2, 3, 4, 10].map((attempt) => nextWaitMs(PATIENCE, attempt, 0, undefined, () => 1));
    expect(waits).toEqual([250, 500, 1000, 2000, 10_000]);
    expect(nextWaitMs(PATIENCE, 1, 0, undefined, () => 0)).toBe(125);
  });

  test('are what the server asks for, as long as patience lasts', () => {
    expect(nextWaitMs(PATIENCE, 1, 0, 7000)).toBe(7000);
    expect(nextWaitMs(PATIENCE, 5, PATIENCE.totalMs - 6000, 7000)).toBeUndefined();
  });

  test('are read from seconds and dates', () => {
    const nowMs = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfter('3', nowMs)).toBe(3000);
    expect(retryAfter('Thu, 01 Jan 2026 00:00:05 GMT', nowMs)).toBe(5000);
    expect(retryAfter('Thu, 01 Jan 2025 00:00:05 GMT', nowMs)).toBe(0);
    expect(retryAfter('soon', nowMs)).toBeUndefined();
    expect(retryAfter(undefined, nowMs)).toBeUndefined();
  });
});
