import type { Random } from '../../../../server/test/acceptance/support/mutations/random.ts';

const VICTIMS = ['bridge', 'server', 'orthanc', 'postmaster'] as const;
const EARLY_MS_MAX = 1_500;

/** One fault. */
export interface Fault {
  victim: (typeof VICTIMS)[number];
  /** Objects that may be sent until the next fault: some are left to be sent in this one. */
  objectsMax: number;
  /** How many of them are acknowledged when it comes. */
  afterObjects: number;
  /** Of bridge and server: the start that follows is itself killed after so long, ready or not. */
  earlyMs?: number;
  /** Of the bridge: the start that follows finds no room for objects, until it is killed in its turn. */
  isDiskFull?: boolean;
}

/** Faults that a seed repeats, spread over all objects; each kind occurs where there are enough of them. */
export function planOf(random: Random, kills: number, objects: number): Fault[] {
  const share = objects / kills;
  return Array.from({ length: kills }, (_, i) => {
    const victim = i < VICTIMS.length ? VICTIMS[i]! : random.pick(VICTIMS);
    const isStart = victim === 'bridge' || victim === 'server';
    return {
      victim,
      objectsMax: Math.ceil(share * (i + 1)),
      afterObjects: Math.floor(share * i) + random.below(Math.ceil(share / 2)),
      ...(isStart && random.oneIn(4) && { earlyMs: random.below(EARLY_MS_MAX) }),
      ...(victim === 'bridge' && (i === 0 || random.oneIn(3)) && { isDiskFull: true }),
    };
  });
}
