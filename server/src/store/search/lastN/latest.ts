import { codeGroups } from './codeGroups.ts';

/** An observation that may be among the latest of its code. */
export interface Candidate {
  rid: number;
  /** Its code, as JSON text. */
  code: string;
  /** End and begin of its effective time, milliseconds since 1970 UTC (±Infinity where open); null: it has none. */
  hiMs: number | null;
  loMs: number | null;
}

/**
 * The latest of each code, all from the most recent to the oldest. Those with the same time as the last of their code
 * come along; one without a time has none in common with any other.
 *
 * @param candidates of each code text at least its own latest
 */
export function latest(candidates: readonly Candidate[], max: number): Candidate[] {
  const texts = [...new Set(candidates.map(({ code }) => code))];
  const groups = codeGroups(texts);
  const groupOf = new Map(texts.map((text, i) => [text, groups[i]!]));
  const members = new Map<number, Candidate[]>();
  for (const candidate of [...candidates].sort(recentFirst)) {
    const group = groupOf.get(candidate.code)!;
    const before = members.get(group);
    if (before === undefined) members.set(group, [candidate]);
    else if (before.length < max || isAtSameTime(before.at(-1)!, candidate)) before.push(candidate);
  }
  return [...members.values()].flat().sort(recentFirst);
}

/** The order of the answer: by end, then begin; at last those without a time, the last made first. */
export function recentFirst(a: Candidate, b: Candidate): number {
  if (a.hiMs === null || b.hiMs === null) {
    return a.hiMs === b.hiMs ? b.rid - a.rid : a.hiMs === null ? 1 : -1;
  }
  return descending(a.hiMs, b.hiMs) || descending(a.loMs!, b.loMs!) || a.rid - b.rid;
}

/** Not by subtraction, which makes no number of two infinities. */
const descending = (a: number, b: number) => (a > b ? -1 : a < b ? 1 : 0);

const isAtSameTime = (a: Candidate, b: Candidate) =>
  a.hiMs !== null && a.hiMs === b.hiMs && a.loMs === b.loMs;
