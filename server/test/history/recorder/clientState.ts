import type { Random } from '../../acceptance/support/mutations/random.ts';
import type { Operation } from '../checker/history.ts';
import type { Recorder } from './recorder.ts';
import { REGISTER_KEYS } from './registers.ts';

/** Requests by one criterion before the next is taken, on the average. */
const PERSON_REQUESTS = 12;
/** Criteria that are in use at the same time. */
const PERSONS = 3;

const GONE_ONCE_IN = 5;

/** What all clients share. */
export interface World {
  recorder: Recorder;
  /** Counts the requests by criteria for persons. */
  personRequests: number;
  /** The latest version that anybody saw. */
  latest: Map<string, number>;
  /** Registers that were deleted, as far as anybody knows, or not made yet. */
  gone: Set<string>;
  /** The register that was written last, as far as anybody knows. */
  lately: string | undefined;
  /** The registers of the transaction that was sent last. */
  together: string[];
}

export const newWorld = (recorder: Recorder): World => ({
  recorder,
  personRequests: 0,
  latest: new Map(),
  gone: new Set(REGISTER_KEYS),
  lately: undefined,
  together: [],
});

/** One client, and what it remembers. */
export interface ClientState {
  number: number;
  random: Random;
  world: World;
  /** The version that it saw last. */
  known: Map<string, number>;
}

/** One of the registers, more often than others one that is to be made again. */
export function someRegister({ random, world }: ClientState): string {
  return random.pick(world.gone.size > 0 && random.oneIn(GONE_ONCE_IN) ? [...world.gone] : REGISTER_KEYS);
}

/** One to be read: often what somebody has just written. */
export const readRegister = (state: ClientState): string =>
  (state.random.oneIn(2) ? state.world.lately : undefined) ?? someRegister(state);

/** Several that are there, each once; rarely ones that may be gone. */
export function someRegisters({ random, world }: ClientState, count: number): string[] {
  const there = REGISTER_KEYS.filter((key) => !world.gone.has(key));
  const all = there.length < count || random.oneIn(GONE_ONCE_IN) ? REGISTER_KEYS : there;
  const keys = new Set<string>();
  while (keys.size < count) keys.add(random.pick(all));
  return [...keys];
}

/** One that several clients ask for at the moment. */
export function somePerson({ random, world }: ClientState): string {
  world.personRequests += 1;
  return `k${Math.floor(world.personRequests / PERSON_REQUESTS) + random.below(PERSONS)}`;
}

/** A version to be demanded: the latest, which others demand as well, or the one that this client saw last, or an older one. */
export function expectation({ random, known, world }: ClientState, key: string): number {
  const own = known.get(key) ?? 1;
  const version = random.pick([world.latest.get(key) ?? 1, world.latest.get(key) ?? 1, own, own - 1]);
  return Math.max(1, version);
}

export function remember({ known, world }: ClientState, operation: Operation): void {
  const { writes, views, reads, outcome } = operation;
  const told = outcome === 'acknowledged' ? writes : [];
  for (const { key, version } of [...views.flat(), ...reads, ...told]) {
    if (key === undefined || typeof version !== 'number') continue;
    known.set(key, version);
    world.latest.set(key, Math.max(version, world.latest.get(key) ?? 0));
  }
  for (const { key, version } of views.flat()) if (version === 'absent') world.gone.add(key);
  for (const { key, does } of told) {
    if (!REGISTER_KEYS.includes(key!)) continue;
    world.lately = key;
    if (does === 'delete') world.gone.add(key!);
    else world.gone.delete(key!);
  }
}
