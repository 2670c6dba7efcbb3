import type { Random } from '../../acceptance/support/mutations/random.ts';
import type { Operation } from '../checker/history.ts';
import type { Recorder } from './recorder.ts';
import { REGISTER_KEYS } from './registers.ts';

/** Requests by one criterion before the next is taken, on the average. */
const PERSON_REQUESTS = 12;
/** Criteria that are in use at the same time. */
const PERSONS = 3;

/** What all clients share. */
export interface World {
  recorder: Recorder;
  /** Counts the requests by criteria for persons. */
  personRequests: number;
}

/** One client, and what it remembers. */
export interface ClientState {
  number: number;
  random: Random;
  world: World;
  /** The version that it saw last. */
  known: Map<string, number>;
}

export const someRegister = ({ random }: ClientState): string => random.pick(REGISTER_KEYS);

/** Several of them, each once. */
export function someRegisters({ random }: ClientState, count: number): string[] {
  const keys = new Set<string>();
  while (keys.size < count) keys.add(random.pick(REGISTER_KEYS));
  return [...keys];
}

/** One that several clients ask for at the moment. */
export function somePerson({ random, world }: ClientState): string {
  world.personRequests += 1;
  return `k${Math.floor(world.personRequests / PERSON_REQUESTS) + random.below(PERSONS)}`;
}

/** A version to be demanded: the one that was seen last, or sometimes another. */
export function expectation({ random, known }: ClientState, key: string): number {
  const version = known.get(key) ?? 1;
  return Math.max(1, random.oneIn(10) ? version - 1 : version);
}

export function remember({ known }: ClientState, { writes, views, reads, outcome }: Operation): void {
  if (outcome === 'unknown') return;
  for (const { key, version } of [...views.flat(), ...reads, ...writes])
    if (key !== undefined && typeof version === 'number') known.set(key, version);
}
