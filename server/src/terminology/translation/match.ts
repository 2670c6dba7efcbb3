import type { Coding } from '../model.ts';
import { TerminologyError } from '../issue.ts';

/** What a map says of a code. */
export interface Match {
  equivalence: string;
  /** Absent where the map says that there is none. */
  concept?: Coding;
  map: string;
  products: { element: string; concept: Coding }[];
}

/** Matches of one answer. */
export const MATCHES_MAX = 10_000;

/** @throws TerminologyError when there are too many for an answer */
export function addTo(matches: Match[], found: readonly Match[]): void {
  if (matches.length + found.length > MATCHES_MAX) {
    const text = `The translation has more than ${MATCHES_MAX} matches: ask for fewer codes, or name a target system.`;
    throw new TerminologyError('unprocessable', { severity: 'error', code: 'too-costly', text });
  }
  for (const match of found) matches.push(match);
}
