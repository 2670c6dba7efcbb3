import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../acceptance/support/mutations/random.ts';
import { postmasterOf, startSeconds, until, type Program } from '../../support/program.ts';

/** One fault. */
export interface Kill<Victim extends string = 'server' | 'postmaster' | 'both'> {
  victim: Victim;
  /** Writes to be acknowledged since the fault before. */
  afterWrites: number;
  /** The start that follows is itself killed after so long, ready or not. */
  earlyMs?: number;
}

const VICTIMS = ['server', 'postmaster', 'both'] as const;
const WRITES_MAX = 150;
const EARLY_MS_MAX = 1500;

/** Faults that a seed repeats; each kind occurs. */
export const planOf = (random: Random, kills: number): Kill[] => planAmong(VICTIMS, random, kills);

/** The same with more that may be killed. */
export function planAmong<Victim extends string>(
  victims: readonly Victim[],
  random: Random,
  kills: number,
): Kill<Victim>[] {
  return Array.from({ length: kills }, (_, i) => {
    const victim = i < victims.length ? victims[i]! : random.pick(victims);
    const isStart = victim === 'server' || victim === 'both';
    const early = isStart && random.oneIn(4) ? { earlyMs: random.below(EARLY_MS_MAX) } : {};
    return { victim, afterWrites: 20 + random.below(WRITES_MAX), ...early };
  });
}

export interface Site {
  dataDir: string;
  /** Starts a server on the same port and data folder as ever. */
  start(): Program;
}

/** Kills, starts again what does not come back by itself, and returns when the server is ready. */
export async function kill(site: Site, server: Program, { victim, earlyMs }: Kill): Promise<Program> {
  const before = postmasterOf(site.dataDir)!;
  if (victim === 'postmaster') {
    process.kill(before.pid, 'SIGKILL');
    await until(
      () => (postmasterOf(site.dataDir)?.pid ?? before.pid) !== before.pid,
      'PostgreSQL was started again',
    );
    return server;
  }
  if (victim === 'both') process.kill(before.pid, 'SIGKILL');
  await server.end('SIGKILL');
  if (earlyMs !== undefined) {
    const early = site.start();
    await sleep(earlyMs);
    await early.end('SIGKILL');
  }
  const next = site.start();
  await next.ready();
  const after = postmasterOf(site.dataDir)!.pid;
  if (victim === 'server' && after !== before.pid)
    throw new Error(`PostgreSQL ${before.pid} was not reused, but ${after} started`);
  return next;
}

/** Start times in seconds, as the servers say them. */
export const startFigures = (servers: readonly Program[]): string => {
  const seconds = servers
    .map(startSeconds)
    .filter((s) => !Number.isNaN(s))
    .sort((a, b) => a - b);
  return `median ${seconds[seconds.length >> 1]} s, longest ${seconds.at(-1)} s`;
};
