import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

export const name = 'PostgreSQL 15 of Debian';
export const tests = 'server/test/store/postgres on PostgreSQL 15 (they run on the embedded 18 all the same)';

/** Where Debian puts the programs of this version. */
export const BIN_FOLDER = '/usr/lib/postgresql/15/bin';

const PACKAGE = 'postgresql-15';
/** Asked by Debian's packages before they start a service; 101 means no. */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const NO_SERVICES = '#!/bin/sh\nexit 101\n';
const INSTALL_MS_MAX = 300_000;

const run = promisify(execFile);

export const isInstalled = () => existsSync(`${BIN_FOLDER}/postgres`);

/** Installs the package, without starting its service. Does nothing when it is there. */
export async function install() {
  if (isInstalled()) return;
  if (!existsSync('/etc/debian_version')) throw new Error('it is installed by itself on Debian only');
  if (process.getuid?.() !== 0) throw new Error(`only root can install it: apt-get install ${PACKAGE}`);
  const noPolicyYet = !existsSync(POLICY_FILE);
  if (noPolicyYet) writeFileSync(POLICY_FILE, NO_SERVICES, { mode: 0o755 });
  try {
    await aptGet('update');
    await aptGet('install', '--yes', '--no-install-recommends', PACKAGE);
  } finally {
    if (noPolicyYet && readFileSync(POLICY_FILE, 'utf8') === NO_SERVICES) rmSync(POLICY_FILE);
  }
  if (!isInstalled()) throw new Error(`apt-get installed ${PACKAGE}, but there is no ${BIN_FOLDER}/postgres`);
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
