/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  pick<T>(items: readonly T[]): T;
  /** True once in `n`. */
  oneIn(n: number): boolean;
  bytes(length: number): Buffer;
}

/** Choices of one mutation: they depend on the seed and its number only, so that it can be repeated alone. */
export function randomOf(seed: number, number: number): Random {
  let state = mix(seed ^ mix(number + 1));
  // xorshift32: small, fast, and good enough to choose by
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const below = (n: number) => next() % n;
  return {
    below,
    pick: (items) => items[below(items.length)]!,
    oneIn: (n) => below(n) === 0,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}

/** Spreads neighbouring numbers over all of 32 bits; never 0, from which xorshift does not move. */
function mix(n: number): number {
  let x = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return (x ^ (x >>> 16)) >>> 0 || 1;
}
