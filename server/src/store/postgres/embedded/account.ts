import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../startError.ts';

/** The operating system account that PostgreSQL runs as; `undefined` means ours. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root, so root lends it one of these, the first that exists. */
const ACCOUNTS_FOR_ROOT = ['postgres', 'nobody'];

/**
 * The account for PostgreSQL: ours, or as root one without rights.
 * @throws StartError when we are root and /etc/passwd has none of the candidates
 */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ACCOUNTS_FOR_ROOT) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new StartError(
    `PostgreSQL does not run as root, and this machine has neither a user "postgres" nor "nobody". Run MaxRay as an ordinary user, or set DATABASE_URL.`,
  );
}

/**
 * The first folder on the way to `target` that the account may not enter (a 0700 home, say), or `undefined` when all are open.
 * What does not exist yet is left out: we make it ourselves.
 */
export function closedFolder(target: string, account: Account | undefined): string | undefined {
  if (!account) return undefined;
  const existing = existingPart(path.resolve(target));
  const folders = ancestors(existing);
  if (statSync(existing).isDirectory()) folders.push(existing);
  return folders.find((folder) => !mayEnter(folder, account));
}

function existingPart(target: string): string {
  try {
    return realpathSync(target);
  } catch {
    return existingPart(path.dirname(target));
  }
}

function ancestors(target: string): string[] {
  const parent = path.dirname(target);
  return parent === target ? [] : [...ancestors(parent), parent];
}

function mayEnter(folder: string, account: Account): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
