import { afterAll, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BridgeProcess } from '../../../src/main/dicom/bridgeProcess.ts';
import { until } from '../../support/program.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-child-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const scriptOf = (name: string, text: string): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A bridge with a script of its own, and what it told. */
const started = (script: string, env: Record<string, string> = {}) => {
  const ready: unknown[] = [];
  const logged: string[] = [];
  let ended = 0;
  const bridge = new BridgeProcess({
    script,
    env,
    log: (level, message) => void logged.push(`${level}: ${message}`),
    onReady: (message) => ready.push(message),
    onEnded: () => (ended += 1),
  });
  bridge.start();
  return { bridge, ready, logged, ended: () => ended };
};
const READY = `process.send({ kind: 'ready', apiUrl: 'http://127.0.0.1:1', seen: process.env.SEEN, other: process.env.HOME });`;

test('a bridge that is killed comes back, with the environment that it was given and no other', async () => {
  const script = scriptOf('steady.mjs', `${READY} setInterval(() => {}, 1000);`);
  const { bridge, ready, logged, ended } = started(script, { SEEN: 'yes' });
  await until(() => ready.length === 1, 'it is ready');
  expect(ready).toEqual([{ kind: 'ready', apiUrl: 'http://127.0.0.1:1', seen: 'yes' }]);
  const first = bridge.pid!;
  process.kill(first, 'SIGKILL');
  await until(() => ready.length === 2, 'it is ready again');
  expect(bridge.pid).not.toBe(first);
  expect(ended()).toBe(1);
  expect(logged).toEqual(['warn: the DICOM bridge has ended by SIGKILL; it is started again in 1 s']);
  const second = bridge.pid!;
  await bridge.stop();
  expect(isAlive(second)).toBe(false);
  expect(logged).toHaveLength(1);
});

test('one that does not want to end is ended', async () => {
  const script = scriptOf(
    'stubborn.mjs',
    `process.on('SIGTERM', () => {}); ${READY} setInterval(() => {}, 1000);`,
  );
  const { bridge, ready } = started(script);
  await until(() => ready.length === 1, 'it is ready');
  const pid = bridge.pid!;
  await bridge.stop();
  expect(isAlive(pid)).toBe(false);
});

test('one that ends at once is started again after longer and longer, and not once it was stopped', async () => {
  const { bridge, logged } = started(scriptOf('broken.mjs', 'process.exit(3);'));
  await until(() => logged.length >= 2, 'it has ended twice');
  expect(logged.slice(0, 2).map((line) => line.replace(/^.*ended /, ''))).toEqual([
    'with code 3; it is started again in 1 s',
    'with code 3; it is started again in 2 s',
  ]);
  await bridge.stop();
  expect(bridge.pid).toBeUndefined();
});
