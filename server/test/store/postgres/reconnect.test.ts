import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { openDatabase, type Statement } from '../../../src/store/postgres/database.ts';
import { startEmbeddedPostgres } from '../../../src/store/postgres/embedded/start.ts';
import type { EmbeddedPostgres } from '../../../src/store/postgres/embedded/embeddedPostgres.ts';
import { SILENCE_MARGIN_MS } from '../../../src/store/postgres/client.ts';
import { ClientPool } from '../../../src/store/postgres/clientPool.ts';
import { outcomeUnknown } from '../../../src/store/postgres/failures.ts';
import { Pipeline } from '../../../src/store/postgres/pipeline.ts';
import { temporaryFolders } from './embedded/support.ts';

const KILLS = 3;
const WRITERS = 8;
const once = (text: string, values: unknown[] = []): Statement => ({ name: '', text, values });
const quiet = { log: () => undefined };

const folders = temporaryFolders();
let postgres: EmbeddedPostgres;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ dataDir: path.join(folders.make(), 'data'), ...quiet });
});

afterAll(async () => {
  await postgres.stop();
  await folders.removeAll();
});

/** Not every connection notices a kill at once: `ready()` may still be true when it has just happened. */
async function whenBack<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof FhirError && error.category === 'busy')) throw error;
      await sleep(20);
    }
  }
}

test('the postmaster is killed under load: calls fail as busy, what was confirmed is there, and all goes on', async () => {
  const said: string[] = [];
  const database = await openDatabase({
    connection: postgres.connection,
    log: (_level, message) => said.push(message),
  });
  await database.write(once('CREATE TABLE written (n text PRIMARY KEY, pair text)'));
  const confirmed = new Set<string>();
  const failures: unknown[] = [];
  let over = false;
  const insert = (n: string): Statement => ({
    name: 'insert',
    text: 'INSERT INTO written VALUES ($1, $2)',
    values: [n, n],
  });
  const writer = async (id: number): Promise<void> => {
    for (let i = 0; !over; i += 1) {
      const n = `${id}-${i}`;
      try {
        if (i % 2) await database.write(insert(n));
        else await database.transaction((tx) => tx.query(insert(n)));
        confirmed.add(n);
      } catch (error) {
        failures.push(error);
        await sleep(5);
      }
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, id) => writer(id));
  for (let time = 0; time < KILLS; time += 1) {
    const before = confirmed.size;
    while (confirmed.size < before + 100) await sleep(5);
    process.kill(postgres.postmasterPid, 'SIGKILL');
    const failed = failures.length;
    while (failures.length === failed || !database.ready()) await sleep(5);
  }
  over = true;
  await Promise.all(writers);
  expect(
    failures.filter(
      (error) => !(error instanceof FhirError && error.category === 'busy' && error.retryAfterS),
    ),
  ).toEqual([]);
  const { rows } = await whenBack(() => database.search(once('SELECT n FROM written')));
  const stored = new Set((rows as { n: string }[]).map(({ n }) => n));
  expect([...confirmed].filter((n) => !stored.has(n))).toEqual([]);
  expect(said.some((message) => message.includes('is away'))).toBe(true);
  expect(said.some((message) => message.includes('is back'))).toBe(true);
  await database.close();
});

test('while the database is away calls fail at once, and say when to try again', async () => {
  const gate = await openGate(postgres);
  const database = await openDatabase({ connection: gate.connection, ...quiet });
  gate.close();
  while (database.ready()) await sleep(5);
  const calls = [
    database.read(once('SELECT 1')),
    database.write(once('SELECT 1')),
    database.search(once('SELECT 1')),
    database.transaction((tx) => tx.query(once('SELECT 1'))),
  ];
  for (const result of await Promise.allSettled(calls)) {
    expect(result).toMatchObject({
      status: 'rejected',
      reason: {
        category: 'busy',
        issues: [{ code: 'transient', diagnostics: expect.stringContaining('nothing was done') }],
        retryAfterS: 2,
      },
    });
  }
  await gate.open();
  while (!database.ready()) await sleep(5);
  expect((await database.read(once('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
  await database.close();
  gate.close();
});

test('a network that goes silent is given up: nothing hangs, and a write says that its outcome is unknown', async () => {
  const gate = await openGate(postgres);
  const session = { applicationName: 'maxray-write', statementTimeoutMs: 2_000, plans: 'point' } as const;
  const pipeline = new Pipeline({
    config: gate.connection,
    session,
    gathers: false,
    lostAnswer: outcomeUnknown,
    onAway: () => undefined,
    onBack: () => undefined,
  });
  await pipeline.connect();
  gate.silence();
  await expect(pipeline.run(once('SELECT 1'))).rejects.toMatchObject({
    category: 'busy',
    message: expect.stringContaining('unknown'),
  });
  gate.close();
  await gate.open();
  while (!pipeline.ready) await sleep(5);
  expect((await pipeline.run(once('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
  await pipeline.close();
  gate.close();
});

test('an answer that takes long to arrive is not taken for silence', async () => {
  const gate = await openGate(postgres, 140);
  const session = { applicationName: 'maxray-write', statementTimeoutMs: 2_000, plans: 'point' } as const;
  const options = { config: gate.connection, session, onAway: () => undefined };
  const pipeline = new Pipeline({
    ...options,
    gathers: false,
    lostAnswer: outcomeUnknown,
    onBack: () => undefined,
  });
  const pool = new ClientPool({ ...options, connectionsMax: 1 });
  await pipeline.connect();
  const large = once(`SELECT repeat('x', ${LARGE_CHARS}) AS large`);
  const startMs = performance.now();
  for (const { rows } of await Promise.all([pipeline.run(large), pool.read(large)]))
    expect((rows as { large: string }[])[0]!.large).toHaveLength(LARGE_CHARS);
  expect(performance.now() - startMs).toBeGreaterThan(2 * (session.statementTimeoutMs + SILENCE_MARGIN_MS));
  await pipeline.close();
  await pool.close();
  gate.close();
});

/** Some 64 parts of 64 KiB, as pipes hand them on. */
const LARGE_CHARS = 4 * 2 ** 20;

interface Gate {
  connection: ClientConfig;
  open(): Promise<void>;
  /** Bytes go nowhere from now on; the connections stay. */
  silence(): void;
  close(): void;
}

/**
 * The database behind a TCP port that can be closed: what a network does.
 * @param delayMs how long each part of an answer takes
 */
async function openGate(target: EmbeddedPostgres, delayMs = 0): Promise<Gate> {
  const { host, port } = target.connection;
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let gatePort = 0;
  const open = async (): Promise<void> => {
    server = createServer((socket) => {
      const inner = connect(`${host}/.s.PGSQL.${port}`);
      for (const one of [socket, inner]) {
        sockets.add(one);
        one.on('error', () => one.destroy());
        one.on('close', () => [socket, inner].forEach((other) => other.destroy()));
      }
      socket.pipe(inner).pipe(delayed(delayMs)).pipe(socket);
    });
    await new Promise<void>((resolve) => server?.listen(gatePort, '127.0.0.1', resolve));
    gatePort = (server.address() as AddressInfo).port;
  };
  await open();
  const close = (): void => {
    server?.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const silence = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  return { connection: { ...target.connection, host: '127.0.0.1', port: gatePort }, open, silence, close };
}

const delayed = (delayMs: number): Transform =>
  new Transform({
    writableHighWaterMark: 2 * LARGE_CHARS, // the database has sent it all at once
    transform: (part, _encoding, done) => void setTimeout(() => done(null, part), delayMs),
  });
