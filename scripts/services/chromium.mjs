import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

export const name = 'Chromium of Debian';
export const tests = 'server/test/identity/chromium (the pages and passkeys in a real browser)';

export const PROGRAM = '/usr/bin/chromium';

const PACKAGE = 'chromium';
const INSTALL_MS_MAX = 300_000;

const run = promisify(execFile);

export const isInstalled = () => existsSync(PROGRAM);

/** Installs the package. Does nothing when it is there. */
export async function install() {
  if (isInstalled()) return;
  if (!existsSync('/etc/debian_version')) throw new Error('it is installed by itself on Debian only');
  if (process.getuid?.() !== 0) throw new Error(`only root can install it: apt-get install ${PACKAGE}`);
  await aptGet('update');
  await aptGet('install', '--yes', '--no-install-recommends', PACKAGE);
  if (!isInstalled()) throw new Error(`apt-get installed ${PACKAGE}, but there is no ${PROGRAM}`);
}

async function aptGet(...args) {
  try {
    await run('apt-get', args, {
      timeout: INSTALL_MS_MAX,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (error) {
    throw new Error(
      `apt-get ${args.join(' ')}: ${(error.stderr || error.message).trim().split('\n').at(-1)}`,
      { cause: error },
    );
  }
}
