import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, totalmem } from 'node:os';
import type { Machine } from '../report/result.ts';

const GIB = 2 ** 30;

/** What a result depends on, and nothing that tells whose machine it was. */
export const machineFacts = (postgres: string): Machine => ({
  cores: cpus().length,
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGiB: Math.round(totalmem() / GIB),
  platform: `${platform()} ${arch()}`,
  node: process.versions.node,
  postgres,
});

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** The checkout's short commit, with '+' where tracked files were changed; 'none' outside a checkout. */
export const commitOf = (folder: string): string => {
  try {
    const isChanged = git(folder, 'status', '--porcelain', '--untracked-files=no') !== '';
    return git(folder, 'rev-parse', '--short', 'HEAD') + (isChanged ? '+' : '');
  } catch {
    // An unpacked archive has no history; the result is no less true for it.
    return 'none';
  }
};
