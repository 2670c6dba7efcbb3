/** Choices that a seed repeats on every machine. */
export interface Random {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** One of the items, each as often as its weight says. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T;
  /** `count` different items, fewer where there are not as many. */
  sample<T>(items: readonly T[], count: number): T[];
}

const WORD = 2 ** 32;
const GOLDEN_GAMMA = 0x9e3779b9;

/** Equal labels give equal choices, different ones unrelated ones (splitmix32). */
export function createRandom(label: string): Random {
  let state = 0;
  for (let i = 0; i < label.length; i++) state = scramble((state ^ label.charCodeAt(i)) + GOLDEN_GAMMA);
  const next = (): number => {
    state = (state + GOLDEN_GAMMA) >>> 0;
    return scramble(state) / WORD;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('pick: there is nothing to choose from');
      return items[below(items.length)]!;
    },
    weighted: (items) => {
      let at = next() * items.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, item] of items) if ((at -= weight) < 0) return item;
      return items.at(-1)![1];
    },
    sample: (items, count) => {
      const rest = [...items];
      const chosen = [];
      while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(below(rest.length), 1));
      return chosen;
    },
  };
}

function scramble(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
