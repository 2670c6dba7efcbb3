import type { Client } from '../../acceptance/support/client.ts';
import type { Random } from '../../acceptance/support/mutations/random.ts';
import type { Attempt, Ledger } from './ledger.ts';
import { SHARED_IDS, TYPES, contentIn, patched, type TypeName } from './texts.ts';

const OWN_IDS = 3;

/** What a writer works with; what it knows about versions is its own. */
export interface WriterState {
  name: string;
  client: Client;
  ledger: Ledger;
  random: Random;
  /** Last version that it was told of, for If-Match. */
  known: Map<string, number>;
  /** What it knows to be current: resources that only it writes, unless the last outcome is unknown. */
  mine: Map<string, string>;
  /** Resources that it made and nobody touched since, with the marks they have: to be deleted by a transaction. */
  victims: { key: string; mark: string }[];
  fresh: number;
  /** Of the resources that only it writes: what is of unknown outcome may still come, so it goes on with others then. */
  generation: number;
}

export const writerState = (name: string, client: Client, ledger: Ledger, random: Random): WriterState => ({
  name,
  client,
  ledger,
  random,
  known: new Map(),
  mine: new Map(),
  victims: [],
  fresh: 0,
  generation: 0,
});

/** One of its own resources, or one of those that all write. */
export function someKey({ name, random, generation }: WriterState): string {
  const type = random.pick(TYPES);
  return random.oneIn(2)
    ? `${type}/shared-${random.below(SHARED_IDS)}`
    : `${type}/${name}-${generation}-${random.below(OWN_IDS)}`;
}

export const typeOf = (key: string): TypeName => key.split('/')[0] as TypeName;
const isOwn = (state: WriterState, key: string): boolean => key.includes(`/${state.name}-`);

/** Remembers an attempt, and checks an acknowledged one against what was known before. */
export function learn(state: WriterState, attempt: Attempt): void {
  const { ledger, known, mine } = state;
  const { key, version, text, outcome } = attempt;
  ledger.add(attempt);
  if (key === undefined) return;
  if (outcome === 'unknown' && isOwn(state, key)) {
    state.generation += 1;
    mine.delete(key);
  }
  if (outcome !== 'acknowledged') return;
  if (attempt.kind !== 'delete' && !isAsSent(state, key, attempt))
    ledger.violations.push(`the answer to ${key} is not what was sent: ${text}`);
  if (version === undefined && mine.has(key))
    ledger.violations.push(`${key} was acknowledged and not found by a deletion`);
  if (version === undefined) return;
  if (version <= (known.get(key) ?? 0))
    ledger.violations.push(`${key} went from ${known.get(key)} to ${version}`);
  known.set(key, version);
  if (isOwn(state, key) && attempt.kind !== 'delete') mine.set(key, text!);
  else mine.delete(key);
}

/** Of a patch only what is known to have been there can be compared. */
function isAsSent({ known, mine }: WriterState, key: string, attempt: Attempt): boolean {
  const { kind, version, text, rest, mark } = attempt;
  if (version === undefined || text === undefined) return false;
  const content = contentIn(text, key, version);
  if (kind === 'put') return content === rest;
  const before = mine.get(key);
  if (before === undefined) return content !== undefined;
  return content === patched(contentIn(before, key, known.get(key)!)!, mark);
}
