import { readFileSync } from 'node:fs';
import { until, type Program } from '../../support/program.ts';

/** What runs in the process of a bot: one from outside, or one of ours. */
export type Guest = 'outsideBots' | 'ownBots';

/** Kills the processes of a server's bots, as soon as there is one. */
export async function killBots({ child: { pid } }: Program, guest: Guest): Promise<void> {
  await until(() => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return children.map(Number).filter((child) => isKilled(child, guest)).length > 0;
  }, 'a bot ran');
}

function isKilled(pid: number, guest: Guest): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(guest)) return false;
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // it has just ended
  }
}
