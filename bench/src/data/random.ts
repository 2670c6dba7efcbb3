/**
 * A seeded source of numbers (sfc32, seeded through splitmix32). Every resource has a stream of its own, so that any
 * process can make any resource again without making those before it.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** The same parts, in the same order, always give the same stream. */
  constructor(...parts: number[]) {
    let state = 0x2545f491;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    for (const part of parts) state = next() ^ part;
    this.#a = next();
    this.#b = next();
    this.#c = next();
    for (let i = 0; i < 8; i += 1) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, not including, `below`. */
  below(below: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * below);
  }

  between(low: number, high: number): number {
    return low + (this.uint32() / 2 ** 32) * (high - low);
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  /** Picks by weight: an entry of weight 20 comes ten times as often as one of weight 2. */
  pickWeighted<T extends { weight: number }>(list: readonly T[]): T {
    let left = this.between(
      0,
      list.reduce((sum, entry) => sum + entry.weight, 0),
    );
    for (const entry of list) {
      left -= entry.weight;
      if (left < 0) return entry;
    }
    return this.pick(list);
  }

  digits(count: number): string {
    let text = '';
    while (text.length < count) text += String(this.below(10));
    return text;
  }

  /** A version 4 UUID of this stream. */
  uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.uint32().toString(16).padStart(8, '0')).join('');
    const variant = '89ab'[this.below(4)];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
}
