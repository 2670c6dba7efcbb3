/**
 * A seeded source of chance: the same seed gives the same clinic on every machine. Built on splitmix32, which
 * is quick, needs one word of state and passes the usual tests well enough for made-up data.
 */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** `count` different items, in an order of chance. */
  sample<T>(items: readonly T[], count: number): T[];
  /** About normally distributed around `mean` (sum of three uniforms), never further off than 3 `spread`. */
  around(mean: number, spread: number): number;
  /** `digits` decimal digits, the first of them not 0. */
  digits(digits: number): string;
}

const GOLDEN_GAMMA = 0x9e3779b9;
const WORD = 2 ** 32;

/** A source for `seed` and a label: equal arguments give equal sequences, different labels unrelated ones. */
export function createRandom(seed: number, label: string): Random {
  let state = mixLabel(seed, label);
  const next = (): number => {
    state = (state + GOLDEN_GAMMA) >>> 0;
    return scramble(state) / WORD;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(items: readonly T[]): T => {
    const item = items[int(0, items.length - 1)];
    if (item === undefined) throw new RangeError('pick: nothing to choose from');
    return item;
  };
  return {
    next,
    int,
    pick,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    sample: (items, count) => sample(items, count, int),
    around: (mean, spread) => mean + (next() + next() + next() - 1.5) * 2 * spread,
    digits: (count) => String(int(1, 9)) + Array.from({ length: count - 1 }, () => int(0, 9)).join(''),
  };
}

function scramble(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function mixLabel(seed: number, label: string): number {
  let state = scramble(seed >>> 0);
  for (let at = 0; at < label.length; at++) state = scramble((state ^ label.charCodeAt(at)) + GOLDEN_GAMMA);
  return state >>> 0;
}

function sample<T>(items: readonly T[], count: number, int: (low: number, high: number) => number): T[] {
  const rest = [...items];
  const chosen: T[] = [];
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(int(0, rest.length - 1), 1));
  return chosen;
}
