import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** What identifies a process beyond its number, which is used again: its start in ticks since boot. Empty where /proc is absent. */
export function startOf(pid: number): string {
  return statFields(pid)?.[19] ?? '';
}

/** True while the process does something; a zombie (dead, not yet collected by its parent) does not. */
export function isAlive(pid: number): boolean {
  if (!isNumberTaken(pid)) return false;
  const state = statFields(pid)?.[0];
  return state !== 'Z' && state !== 'X';
}

/** True also for a zombie: its number is still taken, which is all that PostgreSQL looks at. */
export function isNumberTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True for a living postmaster of a cluster: by its working folder, or where that cannot be seen, by its command line. */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false;
  const folder = workingFolderOf(pid);
  if (folder !== undefined) return folder === cluster;
  const { stdout } = spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  return stdout?.includes(cluster) === true;
}

function workingFolderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // no /proc, or not ours to see
  }
}

/** All processes that work in a folder: every process of a PostgreSQL cluster does so in PGDATA. Linux only; elsewhere none. */
export function processesIn(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => workingFolderOf(pid) === folder);
}

/** Fields of /proc/<pid>/stat from the state on (the name before it may hold spaces). */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
