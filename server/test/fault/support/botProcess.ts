import { readFileSync } from 'node:fs';
import { until, type Program } from '../../support/program.ts';

/** What runs in the process of a bot: one from outside, or one of ours. */
export type Guest = 'outsideBots' | 'ownBots';

/** Kills a process of a server's bots, as soon as there is one. @param choose of those that there are; absent: the first */
export async function killBot(
  server: Program,
  guest: Guest,
  choose: (pids: readonly number[]) => number = ([first]) => first!,
): Promise<void> {
  await until(() => {
    const pids = botProcesses(server, guest);
    return pids.length > 0 && isKilled(choose(pids));
  }, 'a bot ran');
}

function botProcesses({ child: { pid } }: Program, guest: Guest): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.map(Number).filter((child) => isOf(child, guest));
}

function isOf(pid: number, guest: Guest): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(guest);
  } catch {
    return false; // it has just ended
  }
}

function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // it has just ended
  }
}
