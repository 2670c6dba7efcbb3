import { afterAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { layoutOf } from '../../../../src/store/postgres/embedded/layout.ts';
import {
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../../src/store/postgres/embedded/start.ts';
import { ask, gone, kill, startProcess, temporaryFolders } from './support.ts';

const folders = temporaryFolders();
afterAll(() => folders.removeAll());
const newDataDir = (): string => path.join(folders.make(), 'data');
const quiet = { log: () => undefined };

/** A data folder with a stopped cluster that holds one row. */
async function usedDataDir(): Promise<string> {
  const dataDir = newDataDir();
  const postgres = await startEmbeddedPostgres({ dataDir });
  await ask(postgres.connection, 'CREATE TABLE kept AS SELECT 42 AS n');
  await postgres.stop();
  return dataDir;
}

const KEPT = [{ n: 42 }];
const askKept = (connection: Parameters<typeof ask>[0]): Promise<unknown[]> =>
  ask(connection, 'SELECT n FROM kept');

describe('start and stop', () => {
  test('makes a cluster at the first start, durable and closed to others, and finds it at the next', async () => {
    const dataDir = newDataDir();
    const progress: string[] = [];
    const first = await startEmbeddedPostgres({ dataDir, onProgress: (what) => progress.push(what) });
    expect(progress).toEqual([expect.stringContaining('making the database')]);
    expect(first).toMatchObject({ reused: false, postmasterPid: expect.any(Number) });
    const names = [
      'fsync',
      'full_page_writes',
      'synchronous_commit',
      'listen_addresses',
      'server_encoding',
      'data_checksums',
      'jit',
    ];
    const settings = (await ask(
      first.connection,
      `SELECT name, setting FROM pg_settings WHERE name IN ('${names.join("','")}')`,
    )) as {
      name: string;
      setting: string;
    }[];
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
      data_checksums: 'on',
      jit: 'off',
    });
    expect(await ask(first.connection, `SELECT upper('é') AS up, 'a' < 'B' AS folded`)).toEqual([
      { up: 'É', folded: false },
    ]);
    await ask(first.connection, 'CREATE TABLE kept AS SELECT 42 AS n');
    await first.stop();
    await first.stop();
    await gone(first.postmasterPid);

    const second = await startEmbeddedPostgres({ dataDir, onProgress: (what) => progress.push(what) });
    expect(progress).toHaveLength(1);
    expect(await askKept(second.connection)).toEqual(KEPT);
    expect(findEmbeddedPostgres(dataDir)).toEqual(second.connection);
    await second.stop();
    expect(findEmbeddedPostgres(dataDir)).toBeUndefined();
  });

  test('lets nobody in without the password, which only we can read', async () => {
    const dataDir = newDataDir();
    const { connection, stop } = await startEmbeddedPostgres({ dataDir });
    await expect(ask({ ...connection, password: 'guess' }, 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    });
    await stop();
    const layout = layoutOf(dataDir);
    expect(statSync(layout.password)).toMatchObject({ uid: process.getuid?.() });
    expect(statSync(layout.password).mode & 0o777).toBe(0o600);
    expect(statSync(layout.socketFolder).mode & 0o777).toBe(0o700);
    expect(readdirSync(layout.root).filter((name) => name.includes('verifier'))).toEqual([]);
  });

  test('has a short socket where the data folder has a long name, and finds it again', async () => {
    const dataDir = path.join(newDataDir(), 'a-long-name'.repeat(10));
    const process = await startProcess(dataDir);
    expect(process.started.connection.host?.length).toBeLessThan(80);
    await kill(process);
    const second = await startEmbeddedPostgres({ dataDir });
    expect(second.reused).toBe(true);
    expect(second.connection.host).toBe(process.started.connection.host);
    await second.stop();
    expect(existsSync(second.connection.host)).toBe(false);
    const third = await startEmbeddedPostgres({ dataDir });
    await third.stop();
  });
});

describe('after a killed server', () => {
  test('its PostgreSQL is found and reused, and stopped in the end', async () => {
    const dataDir = newDataDir();
    const killed = await startProcess(dataDir);
    await ask(killed.started.connection, 'CREATE TABLE kept AS SELECT 42 AS n');
    await kill(killed);
    const postgres = await startEmbeddedPostgres({ dataDir });
    expect(postgres).toMatchObject({ reused: true, postmasterPid: killed.started.postmasterPid });
    expect(await askKept(postgres.connection)).toEqual(KEPT);
    await postgres.stop();
    await gone(killed.started.postmasterPid);
  });

  test('and a killed PostgreSQL, it recovers', async () => {
    const dataDir = newDataDir();
    const killed = await startProcess(dataDir);
    await ask(killed.started.connection, 'CREATE TABLE kept AS SELECT 42 AS n');
    await kill(killed);
    process.kill(killed.started.postmasterPid, 'SIGKILL');
    const postgres = await startEmbeddedPostgres({ dataDir });
    expect(postgres.reused).toBe(false);
    expect(await askKept(postgres.connection)).toEqual(KEPT);
    await postgres.stop();
  });

  test('a PostgreSQL that is just stopping is waited for', async () => {
    const dataDir = newDataDir();
    const killed = await startProcess(dataDir);
    await ask(killed.started.connection, 'CREATE TABLE kept AS SELECT 42 AS n');
    await kill(killed);
    process.kill(killed.started.postmasterPid, 'SIGINT');
    const postgres = await startEmbeddedPostgres({ dataDir });
    expect(await askKept(postgres.connection)).toEqual(KEPT);
    expect(postgres.postmasterPid).not.toBe(killed.started.postmasterPid);
    await postgres.stop();
  });

  test('a stale note of a postmaster is seen through, also when its number is in use again', async () => {
    const dataDir = await usedDataDir();
    const note = path.join(layoutOf(dataDir).cluster, 'postmaster.pid');
    const stranger = spawn('sleep', ['600'], { cwd: '/' });
    const dead = spawn('true');
    await new Promise((resolve) => dead.once('exit', resolve));
    for (const pid of [dead.pid, stranger.pid, process.pid]) {
      writeFileSync(note, `${pid}\n${layoutOf(dataDir).cluster}\n1700000000\n5432\n/nowhere\n\n0\nready\n`);
      const postgres = await startEmbeddedPostgres({ dataDir });
      expect(postgres.reused).toBe(false);
      expect(await askKept(postgres.connection)).toEqual(KEPT);
      await postgres.stop();
    }
    expect(stranger.kill()).toBe(true);
  });

  test('a half-made cluster is made again', async () => {
    const dataDir = newDataDir();
    const layout = layoutOf(dataDir);
    let root = 0;
    let exited: Promise<unknown> | undefined;
    const onSpawn = (child: ChildProcess): void => {
      root = child.pid ?? 0;
      exited = once(child, 'exit');
    };
    const killed = startProcess(dataDir, { onSpawn }).catch((error: unknown) => error);
    const unfinished = (): string[] =>
      existsSync(layout.root)
        ? readdirSync(layout.root).filter((name) => name.startsWith('unfinished-'))
        : [];
    while (!unfinished().some((name) => existsSync(path.join(layout.root, name, 'PG_VERSION'))))
      await sleep(1);
    process.kill(root, 'SIGKILL'); // its initdb goes on
    await expect(killed).resolves.toBeInstanceOf(Error);
    await exited; // its output can end before it does
    expect(existsSync(layout.cluster)).toBe(false);
    const postgres = await startEmbeddedPostgres({ dataDir });
    expect(await ask(postgres.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.stop();
    renameSync(layout.cluster, path.join(dataDir, 'away'));
    const another = await startEmbeddedPostgres({ dataDir });
    await another.stop();
    expect(unfinished()).toEqual([]);
  });
});

describe('while it runs', () => {
  test('a killed postmaster is started again, as often as it takes', async () => {
    const dataDir = newDataDir();
    const said: string[] = [];
    const postgres = await startEmbeddedPostgres({ dataDir, log: (_level, message) => said.push(message) });
    await ask(postgres.connection, 'CREATE TABLE kept AS SELECT 42 AS n');
    for (let time = 0; time < 3; time += 1) {
      const before = postgres.postmasterPid;
      process.kill(before, 'SIGKILL');
      while (postgres.postmasterPid === before) await sleep(10);
      expect(await askKept(postgres.connection)).toEqual(KEPT);
    }
    expect(said.filter((message) => message.includes('is gone'))).toHaveLength(3);
    await postgres.stop();
  });

  test('so is a reused one', async () => {
    const dataDir = newDataDir();
    const killed = await startProcess(dataDir);
    await kill(killed);
    const postgres = await startEmbeddedPostgres({ dataDir, ...quiet });
    const before = postgres.postmasterPid;
    process.kill(before, 'SIGKILL');
    while (postgres.postmasterPid === before) await sleep(10);
    expect(await ask(postgres.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.stop();
  });

  test('a stop during a restart stops', async () => {
    const dataDir = newDataDir();
    const postgres = await startEmbeddedPostgres({ dataDir, ...quiet });
    process.kill(postgres.postmasterPid, 'SIGKILL');
    await gone(postgres.postmasterPid);
    await postgres.stop();
    expect(findEmbeddedPostgres(dataDir)).toBeUndefined();
    const again = await startEmbeddedPostgres({ dataDir });
    await again.stop();
  });

  test('the data folder belongs to one process; others are told which, also when they start at the same time', async () => {
    const dataDir = newDataDir();
    const processes = await Promise.all([1, 2, 3, 4].map(() => startProcess(dataDir)));
    const owners = processes.filter(({ started }) => started.error === undefined);
    expect(owners).toHaveLength(1);
    for (const { started } of processes.filter((one) => one !== owners[0])) {
      expect(started.error).toBe('StartError');
      expect(started.message).toMatch(/data folder .*data is in use by (process \d+|other processes)/);
    }
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      `in use by process ${owners[0]?.child.pid}`,
    );
    await owners[0]?.stop();
    const next = await startEmbeddedPostgres({ dataDir });
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(`in use by process ${process.pid}`);
    await next.stop();
  });
});

describe('what cannot work is told', () => {
  test('a folder that is no cluster, or one of another version', async () => {
    const dataDir = await usedDataDir();
    const { cluster } = layoutOf(dataDir);
    writeFileSync(path.join(cluster, 'PG_VERSION'), '13\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('PostgreSQL 13'),
    });
    renameSync(cluster, `${cluster}.away`);
    mkdirSync(cluster);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('no PG_VERSION');
  });

  test('a lost password', async () => {
    const dataDir = await usedDataDir();
    renameSync(layoutOf(dataDir).password, `${layoutOf(dataDir).password}.away`);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('password'),
    });
  });

  test('a PostgreSQL that does not come up, with the end of its log', async () => {
    const dataDir = await usedDataDir();
    const control = path.join(layoutOf(dataDir).cluster, 'global/pg_control');
    writeFileSync(control, readFileSync(control).fill(0, 0, 512));
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(/did not start[^]*FATAL/),
    });
  });
});
