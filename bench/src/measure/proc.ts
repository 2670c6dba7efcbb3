import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Ticks a second in /proc/<pid>/stat: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const KIB = 1_024;

interface ProcessStat {
  pid: number;
  parent: number;
  /** Processor time of the process and of those of its children that have ended and been waited for. */
  cpuMs: number;
}

/** Reads one line of /proc/<pid>/stat. The name in brackets may itself hold brackets and blanks. */
export const parseStat = (line: string): ProcessStat => {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid: parseInt(line, 10), parent: field(4), cpuMs: (ticks * 1_000) / TICKS_PER_SECOND };
};

const readStat = (pid: string): ProcessStat | undefined => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    // It ended between being listed and being read; its time is in its parent's.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

/** Processor time so far, in milliseconds, of a process and all below it, ended ones included. */
export const cpuOfTreeMs = (root: number): number => {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter((stat) => stat !== undefined);
  const childrenOf = Map.groupBy(stats, (stat) => stat.parent);
  const sum = (stat: ProcessStat): number =>
    (childrenOf.get(stat.pid) ?? []).reduce((total, child) => total + sum(child), stat.cpuMs);
  const top = stats.find((stat) => stat.pid === root);
  if (!top) throw new Error('the process to measure has ended');
  return sum(top);
};

/** The pid of the process that started this one. */
export const parentOf = (pid: number): number => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).parent;

/** The most memory (resident set) that the process held since it began or since resetPeakMemory, in bytes. */
export const peakMemoryBytes = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (!peak) throw new Error('/proc tells no peak memory here');
  return Number(peak) * KIB;
};

/** Lets peakMemoryBytes begin anew (proc(5): clear_refs, 5). */
export const resetPeakMemory = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** Processor time, in milliseconds, that the first line of /proc/stat counts as spent: all but idle and waiting for disks. */
export const parseMachineBusyMs = (stat: string): number => {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (
    stat.split('\n', 1)[0] ?? ''
  )
    .split(/\s+/)
    .map(Number);
  return ((user + nice + system + irq + softIrq + steal) * 1_000) / TICKS_PER_SECOND;
};

/** What all processes of the machine, and its other guests, have taken of the processors so far. */
export const machineBusyMs = (): number => parseMachineBusyMs(readFileSync('/proc/stat', 'utf8'));
