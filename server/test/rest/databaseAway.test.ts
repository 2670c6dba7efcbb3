import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientOf, type Answer, type Client, type Sending } from '../acceptance/support/client.ts';
import { postmasterOf, sessionsOf, until, workshop, type Program } from '../support/program.ts';

const ROUNDS = 3;
const SEARCH_TIMEOUT_MS = 10_000;
/** The limit of a read (10 s) and what a connection may be silent beyond it (2 s), looked at every 12 s; and as much again for a busy machine. */
const READ_ANSWER_MS_MAX = 4 * 12_000;

const site = workshop();
const dataDir = site.dataDir();
let server: Program;
let url: string;
let client: Client;

beforeAll(async () => {
  server = site.server(dataDir, {
    env: { LOG_LEVEL: 'error', SEARCH_TIMEOUT_MS: String(SEARCH_TIMEOUT_MS) },
  });
  url = await server.ready();
  client = clientOf(url);
});
afterAll(async () => {
  client.close();
  await site.cleanUp();
});

const patient = (id: string) => ({ resourceType: 'Patient', id, name: [{ family: 'Anderssen' }] });
const putOne: Sending = { method: 'PUT', body: patient('one') };
const transaction: Sending = {
  method: 'POST',
  body: {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ resource: patient('two'), request: { method: 'PUT', url: 'Patient/two' } }],
  },
};

/** One request of each way through the server. */
const REQUESTS: [string, Sending][] = [
  ['Patient/one', {}],
  ['Patient/one/_history/1', {}],
  ['Patient/one/_history', {}],
  ['Patient/_history', {}],
  ['Patient?family=anders', {}],
  ['Patient/one', putOne],
  ['Patient/three', { method: 'DELETE' }],
  ['', transaction],
];

const askAll = (): Promise<Answer[]> =>
  Promise.all(REQUESTS.map(([path, sending]) => client.send(path, sending)));
const statusOf = async (path: string): Promise<number> => (await fetch(url + path)).status;

function expectAway(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  const outcome = JSON.parse(answer.text) as {
    resourceType: string;
    issue: { code: string; diagnostics: string }[];
  };
  expect(outcome).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'transient' }],
  });
  expect(outcome.issue[0]!.diagnostics).toMatch(/Try again|Read before you write again/);
}

async function expectBack(): Promise<void> {
  await until(async () => (await statusOf('/readyz')) === 200, 'the server was ready again');
  for (const answer of await askAll()) expect([200, 201, 204]).toContain(answer.status);
}

test('PostgreSQL is killed and comes back, again and again: 503 in between, and nothing else', async () => {
  for (const answer of await Promise.all([client.send('Patient/one', putOne), client.send('', transaction)]))
    expect(answer.status).toBeLessThan(300);
  const { pid: server1 } = server.child;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = postmasterOf(dataDir)!.pid;
    let seen503 = 0;
    process.kill(before, 'SIGKILL');
    while ((postmasterOf(dataDir)?.pid ?? before) === before || (await statusOf('/readyz')) !== 200) {
      expect(await statusOf('/healthz')).toBe(200);
      for (const answer of await askAll()) {
        if (answer.status < 300) continue;
        expectAway(answer);
        seen503 += 1;
      }
    }
    expect(seen503).toBeGreaterThan(0);
    await expectBack();
  }
  expect(server.child.pid).toBe(server1);
  expect(server.child.exitCode).toBeNull();
});

// Which processes serve the connections is told by /proc.
const withProc = existsSync('/proc/self/task');
if (!withProc)
  console.error('skipped: a PostgreSQL that takes no connections or falls silent, which needs Linux');
const testOnLinux = withProc ? test : test.skip;

testOnLinux(
  'PostgreSQL takes no connections for a while: every request is refused at once, /readyz says so',
  async () => {
    const { pid } = postmasterOf(dataDir)!;
    // A stopped postmaster makes no new sessions; killing the ones that it has leaves the server with none.
    process.kill(pid, 'SIGSTOP');
    try {
      for (const session of sessionsOf(pid)) process.kill(session, 'SIGTERM');
      await until(async () => (await statusOf('/readyz')) === 503, 'the server was not ready');
      expect(await statusOf('/healthz')).toBe(200);
      const notReady = await fetch(`${url}/readyz`);
      expect([notReady.status, notReady.headers.get('retry-after')]).toEqual([
        503,
        expect.stringMatching(/^\d+$/),
      ]);
      // Until the last session has ended, one that is ending may still take a write to its end.
      await until(async () => {
        const answers = await askAll();
        answers.forEach(expectAway);
        return answers.every(({ text }) => text.includes('nothing was done'));
      }, 'nothing was tried');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expectBack();
  },
);

testOnLinux(
  'sessions fall silent: no request waits for longer than its limit, and then all goes on',
  async () => {
    const { pid } = postmasterOf(dataDir)!;
    const sessions = sessionsOf(pid);
    for (const session of sessions) process.kill(session, 'SIGSTOP');
    try {
      // The searches' connections were stopped as well, but a search may get a new one, which works.
      const reads = await Promise.all([
        within(READ_ANSWER_MS_MAX, client.send('Patient/one')),
        within(READ_ANSWER_MS_MAX, client.send('Patient/one/_history/1')),
        within(READ_ANSWER_MS_MAX, client.send('Patient?family=anders')),
      ]);
      for (const answer of reads) if (answer.status !== 200) expectAway(answer);
      expect(reads.slice(0, 2).map(({ status }) => status)).toEqual([503, 503]);
      expect(await statusOf('/healthz')).toBe(200);
    } finally {
      for (const session of sessions) process.kill(session, 'SIGCONT');
    }
    await expectBack();
  },
);

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(limitMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no answer within ${limitMs} ms`);
  });
  timeout.catch(() => undefined); // aborted when the answer came in time
  return Promise.race([work, timeout]).finally(() => late.abort());
}
