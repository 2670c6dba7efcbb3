import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../log.ts';
import { StartError } from '../startError.ts';
import type { Account } from './account.ts';
import { USE_DATABASE_URL } from './binaries.ts';
import { syncFolder, writePrivateFile } from './files.ts';
import type { Layout } from './layout.ts';
import { makePassword, scramVerifier } from './password.ts';
import { POSTGRES_ENVIRONMENT } from './settings.ts';

/** The superuser of the embedded database. */
export const SUPERUSER = 'maxray';
/** Written in the cluster by initdb; the major version of the binaries. */
const MAJOR_VERSION = '18';
const OUTPUT_CHARS_MAX = 2000;

/**
 * Makes the database cluster unless there is one. initdb works in a folder of its own that gets its name only at the end, so a
 * killed one leaves nothing that looks like a cluster, and one that outlives its killed server is in nobody's way.
 * @returns true when it was made
 */
export async function ensureCluster(
  layout: Layout,
  native: string,
  account: Account | undefined,
): Promise<boolean> {
  if (existsSync(layout.cluster)) {
    checkVersion(layout.cluster);
    return false;
  }
  removeUnfinished(layout);
  const unfinished = mkdtempSync(layout.unfinishedClusters);
  if (account) chownSync(unfinished, account.uid, account.gid);
  await initdb(unfinished, native, account, scramVerifier(makePassword(layout.password)));
  renameSync(unfinished, layout.cluster);
  syncFolder(layout.root);
  return true;
}

function checkVersion(cluster: string): void {
  const file = path.join(cluster, 'PG_VERSION');
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  if (version === MAJOR_VERSION) return;
  throw new StartError(
    version === undefined
      ? `${cluster} is not a PostgreSQL data folder (it has no PG_VERSION). Move it away, or restore it from a backup.`
      : `${cluster} belongs to PostgreSQL ${version}, but this release brings ${MAJOR_VERSION}. Dump it with the release that wrote it and load it into this one (docs/operations.md).`,
  );
}

function removeUnfinished(layout: Layout): void {
  const beginning = path.basename(layout.unfinishedClusters);
  for (const name of readdirSync(layout.root).filter((one) => one.startsWith(beginning))) {
    try {
      rmSync(path.join(layout.root, name), { recursive: true, force: true });
    } catch (error) {
      // The initdb of a killed server may still write there; the next start that makes a cluster removes it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}

async function initdb(
  folder: string,
  native: string,
  account: Account | undefined,
  verifier: string,
): Promise<void> {
  const verifierFile = `${folder}.verifier`;
  writePrivateFile(verifierFile, verifier);
  if (account) chownSync(verifierFile, account.uid, account.gid);
  const options = [
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '-E',
    'UTF8',
    '-A',
    'scram-sha-256',
    '-U',
    SUPERUSER,
  ];
  try {
    await run(
      path.join(native, 'bin', 'initdb'),
      [...options, `--pwfile=${verifierFile}`, '-D', folder],
      account,
    );
  } finally {
    rmSync(verifierFile, { force: true });
  }
}

function run(program: string, args: string[], account: Account | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: POSTGRES_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    let output = '';
    const collect = (text: string): void => {
      output = (output + text).slice(-OUTPUT_CHARS_MAX);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => reject(cannotRun(program, error)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(cannotRun(program, new Error(`it ended with ${signal ?? `code ${code}`}: ${output.trim()}`)));
    });
  });
}

/** Binaries of another C library answer ENOENT (their loader is missing) or complain about symbols. */
export function cannotRun(program: string, error: unknown): StartError {
  return new StartError(
    `the embedded PostgreSQL does not run here: ${program}: ${reasonOf(error)}. It needs glibc 2.27 or newer (Alpine Linux has none). ${USE_DATABASE_URL}`,
    { cause: error },
  );
}
