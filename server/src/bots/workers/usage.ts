import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What a process takes of its machine. */
export interface Usage {
  /** Memory that it holds, as the operating system counts it. */
  residentBytes: number;
  /** Absent where the machine does not tell. */
  threads?: number;
}

const PAGE_BYTES = 4_096;
/** In what follows the name in /proc/[pid]/stat (proc_pid_stat(5): fields 20 and 24). */
const THREADS_AT = 17;
const PAGES_AT = 21;
const run = promisify(execFile);

/** @returns undefined where it has ended, or the machine does not tell */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  try {
    if (process.platform === 'linux') {
      const text = await readFile(`/proc/${pid}/stat`, 'latin1');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return { residentBytes: Number(fields[PAGES_AT]) * PAGE_BYTES, threads: Number(fields[THREADS_AT]) };
    }
    if (process.platform === 'win32') return undefined;
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    return { residentBytes: Number(stdout) * 1_024 };
  } catch {
    return undefined;
  }
}
