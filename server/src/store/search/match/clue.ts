import type { SpanTest } from '../../index/spanTest.ts';
import type { Key } from '../../index/rows.ts';
import type { TextReader } from './contentTexts.ts';
import { reachOf, type Reach } from './spanReach.ts';
import type { TextMatch } from './textMatches.ts';

/** Where a text stands: in the string rows of a param, or in the content, whence it is read under a name. */
export type TextPlace = { param: Key } | { name: string; read: TextReader };
/** Where a span stands: in the range rows of a param and unit, or in the date columns. */
export type SpanPlace = { param: Key; unit: Key | 'any' } | 'main-date';

/** Something that a resource shows by its index rows or texts. */
export type Clue =
  /** One of the keys. */
  | { kind: 'keys'; keys: readonly Key[] }
  /** A text of the place matches, both folded or both as they are written. */
  | { kind: 'text'; place: TextPlace; match: TextMatch; text: string }
  /** What the spans of the place cover, taken together, has something between `from` and `to` (or, where `to` is less, reaches both). */
  | ({ kind: 'span'; place: SpanPlace } & Reach);

/** A resource that satisfies a condition shows one of `anyOf`; there is none: no resource does. */
export interface Clues {
  anyOf: readonly Clue[];
  rank: ClueRank;
}

/** How common a clue is likely to be: the lower, the fewer resources show it. */
export const CLUE_RANK = { identity: 0, code: 1, text: 1, span: 2, commonCode: 3, presence: 4 } as const;
export type ClueRank = (typeof CLUE_RANK)[keyof typeof CLUE_RANK];

/**
 * What is shown where one of several parts holds: of each part the clues that are rarest.
 *
 * @param parts each with alternatives; where one has none, there is nothing to be said of the whole
 */
export function cluesOfAny(parts: readonly (readonly Clues[])[]): Clues[] {
  if (parts.length === 1) return [...parts[0]!];
  const rarest = parts.map((part) => part.toSorted((a, b) => a.rank - b.rank)[0]);
  if (!rarest.every((clues) => clues !== undefined)) return [];
  const rank = rarest.reduce<ClueRank>((most, clues) => (clues.rank > most ? clues.rank : most), 0);
  return [{ anyOf: rarest.flatMap(({ anyOf }) => anyOf), rank }];
}

export function keyClues(keys: readonly Key[], rank: ClueRank): Clues[] {
  return [{ anyOf: keys.length === 0 ? [] : [{ kind: 'keys', keys }], rank }];
}

/** A text of one of the places matches one of the tests. */
export function textClues(
  places: readonly TextPlace[],
  tests: readonly { match: TextMatch; texts: readonly string[] }[],
): Clues[] {
  const wanted = tests.flatMap(({ match, texts }) => texts.map((text) => ({ match, text })));
  // A text without a letter is within every other.
  if (wanted.some(({ match, text }) => match === 'contains' && text === '')) return [];
  const anyOf = places.flatMap((place) => wanted.map((one): Clue => ({ kind: 'text', place, ...one })));
  return [{ anyOf, rank: CLUE_RANK.text }];
}

/** A span of one of the places satisfies one of the tests. */
export function spanClues(places: readonly SpanPlace[], tests: readonly SpanTest[]): Clues[] {
  const reaches = tests.map(reachOf);
  if (!reaches.every((reach) => reach !== undefined)) return [];
  return reachClues(places, reaches);
}

/** A span of one of the places has something within one of the reaches. */
export function reachClues(places: readonly SpanPlace[], reaches: readonly Reach[]): Clues[] {
  const anyOf = places.flatMap((place) => reaches.map((reach): Clue => ({ kind: 'span', place, ...reach })));
  return [{ anyOf, rank: CLUE_RANK.span }];
}
