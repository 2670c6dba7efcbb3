import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';

const LOCK = {
  packages: { '': {}, 'node_modules/node': { version: '24.0.0' }, 'node_modules/a': { version: '1.0.0' } },
};

/** Stands in for npm: notes that it was called, takes its time, and leaves what npm would leave. */
const FAKE_NPM = `#!/bin/sh
echo "$@" >> npm-calls
sleep 0.5
mkdir -p node_modules/node/bin node_modules/.bin
echo '{"version":"24.0.0"}' > node_modules/node/package.json
head -c 1000001 /dev/zero > node_modules/node/bin/node
ln -sf ../node/bin/node node_modules/.bin/node
cp package-lock.json node_modules/.package-lock.json
`;

let root = '';

const npmCalls = (): string[] =>
  existsSync(path.join(root, 'npm-calls'))
    ? readFileSync(path.join(root, 'npm-calls'), 'utf8').trim().split('\n')
    : [];

const writeLock = (packages: object): void =>
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages }));

const environment = (extra: object = {}): NodeJS.ProcessEnv => ({
  PATH: `${path.join(root, 'bin')}${path.delimiter}${process.env.PATH}`,
  ...extra,
});

const script = (): string => path.join(root, 'scripts', 'ensure-install.mjs');

function ensureInstall(extra: object = {}): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [script()], { env: environment(extra), encoding: 'utf8' });
}

function ensureInstallAsync(): Promise<number | null> {
  return new Promise((resolve) => {
    spawn(process.execPath, [script()], { env: environment(), stdio: 'ignore' }).once('close', resolve);
  });
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'maxray-install-'));
  cpSync('scripts/ensure-install.mjs', script());
  cpSync('scripts/install', path.join(root, 'scripts', 'install'), { recursive: true });
  mkdirSync(path.join(root, 'bin'));
  writeFileSync(path.join(root, 'bin', 'npm'), FAKE_NPM);
  chmodSync(path.join(root, 'bin', 'npm'), 0o755);
  writeLock(LOCK.packages);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('ensure-install', () => {
  test('installs once, and then leaves a good installation alone', () => {
    expect(ensureInstall()).toMatchObject({ status: 0 });
    expect(ensureInstall()).toMatchObject({ status: 0, stderr: '' });
    expect(npmCalls()).toHaveLength(1);
    expect(npmCalls()[0]).toMatch(/^ci /);
  });

  test('installs again when package-lock.json asks for another version, or for one more package', () => {
    ensureInstall();
    writeLock({ ...LOCK.packages, 'node_modules/a': { version: '1.0.1' } });
    expect(ensureInstall().stderr).toContain('node_modules/a differs');
    const updated = { 'node_modules/a': { version: '1.0.1' }, 'node_modules/b': { version: '1.0.0' } };
    writeLock({ ...LOCK.packages, ...updated });
    expect(ensureInstall().stderr).toContain('node_modules/b is missing');
    expect(npmCalls()).toHaveLength(3);
  });

  test('does not miss packages of other platforms, nor tools of development before `npm start`', () => {
    ensureInstall();
    const tool = { 'node_modules/tool': { version: '1.0.0', dev: true } };
    writeLock({ ...LOCK.packages, ...tool, 'node_modules/other-os': { version: '1.0.0', optional: true } });
    expect(ensureInstall({ npm_lifecycle_event: 'prestart' })).toMatchObject({ status: 0, stderr: '' });
    expect(ensureInstall({ npm_lifecycle_event: 'pretest' }).stderr).toContain(
      'node_modules/tool is missing',
    );
  });

  test('of several at once, one installs and the others wait for it', async () => {
    const statuses = await Promise.all([ensureInstallAsync(), ensureInstallAsync(), ensureInstallAsync()]);
    expect(statuses).toEqual([0, 0, 0]);
    expect(npmCalls()).toHaveLength(1);
    expect(existsSync(path.join(root, '.install.lock'))).toBe(false);
  });

  test('takes over the lock of a process that died', () => {
    const dead = spawnSync(process.execPath, ['--version']).pid;
    writeFileSync(path.join(root, '.install.lock'), JSON.stringify({ pid: dead, host: hostname() }));
    expect(ensureInstall()).toMatchObject({ status: 0 });
    expect(npmCalls()).toHaveLength(1);
  });

  test('says so when npm fails', () => {
    writeFileSync(path.join(root, 'bin', 'npm'), '#!/bin/sh\nexit 7\n');
    const { status, stderr } = ensureInstall();
    expect(status).toBe(1);
    expect(stderr).toMatch(/`npm ci .*` ended with 7/);
  });
});
