import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** Asked by Debian's packages before they start a service; 101 means no. */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const NO_SERVICES = '#!/bin/sh\nexit 101\n';
const INSTALL_MS_MAX = 300_000;

const run = promisify(execFile);

/** Installs a package that brings `program`, without starting a service. Does nothing when it is there. @throws Error that says why it cannot */
export async function installPackage(name, program) {
  if (existsSync(program)) return;
  if (!existsSync('/etc/debian_version')) throw new Error('it is installed by itself on Debian only');
  if (process.getuid?.() !== 0) throw new Error(`only root can install it: apt-get install ${name}`);
  const noPolicyYet = !existsSync(POLICY_FILE);
  if (noPolicyYet) writeFileSync(POLICY_FILE, NO_SERVICES, { mode: 0o755 });
  try {
    await aptGet('update');
    await aptGet('install', '--yes', '--no-install-recommends', name);
  } finally {
    if (noPolicyYet && readFileSync(POLICY_FILE, 'utf8') === NO_SERVICES) rmSync(POLICY_FILE);
  }
  if (!existsSync(program)) throw new Error(`apt-get installed ${name}, but there is no ${program}`);
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
