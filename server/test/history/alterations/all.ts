import { Facts } from '../checker/facts.ts';
import { check } from '../checker/check.ts';
import type { History } from '../checker/history.ts';
import type { Random } from '../../acceptance/support/mutations/random.ts';
import { ANSWER_ALTERATIONS } from './answers.ts';
import { ORDER_ALTERATIONS } from './orders.ts';
import { STORAGE_ALTERATIONS } from './storage.ts';

const ALTERATIONS = [...STORAGE_ALTERATIONS, ...ANSWER_ALTERATIONS, ...ORDER_ALTERATIONS];

export interface Tally {
  /** Alterations of a kind that the checker did not reject by one of their rules. */
  missed: string[];
  /** Those for which the history has no place. */
  impossible: string[];
  rejected: number;
}

/** Alters a good history in every way, each at some places, and checks what comes of it. */
export function alterAll(history: History, random: Random, placesMax: number): Tally {
  const facts = new Facts(history);
  const tally: Tally = { missed: [], impossible: [], rejected: 0 };
  for (const { what, rules, places } of ALTERATIONS) {
    const all = places(facts);
    if (all.length === 0) tally.impossible.push(what);
    for (let i = 0; i < Math.min(placesMax, all.length); i++) {
      const place = random.below(all.length);
      const found = new Set(check(all[place]!()).map(({ rule }) => rule));
      if (rules.some((rule) => found.has(rule))) tally.rejected += 1;
      else tally.missed.push(`${what} (place ${place} of ${all.length}): ${[...found].join() || 'accepted'}`);
    }
  }
  return tally;
}
