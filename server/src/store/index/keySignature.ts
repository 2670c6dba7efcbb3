/**
 * Which bits of two words the keys of a resource set: what lacks a bit of a key lacks the key. It stands in the row of `changes` that made the version, so that a walk along the
 * changes passes over most resources unseen (decision 0069).
 */
export interface KeySignature {
  a: bigint;
  b: bigint;
}

/** Bits of the second word come from other bits of the key. */
const SECOND_SHIFT = 8;
const BIT_MASK = 63;
const HALF_BITS = 32;

/** The signature of all of the keys together. */
export function keySignature(keys: Iterable<bigint>): KeySignature {
  const all = keys instanceof BigInt64Array ? keys : BigInt64Array.from(keys);
  // As halves: numbers of 64 bits are objects.
  const halves = new Int32Array(all.buffer, all.byteOffset, all.length * 2);
  const words = new BigInt64Array(2);
  const bits = new Int32Array(words.buffer);
  for (let i = 0; i < halves.length; i += 2) {
    const low = halves[i]!;
    setBit(bits, 0, low & BIT_MASK);
    setBit(bits, 2, (low >>> SECOND_SHIFT) & BIT_MASK);
  }
  return { a: words[0]!, b: words[1]! };
}

function setBit(halves: Int32Array, word: number, bit: number): void {
  halves[word + (bit < HALF_BITS ? 0 : 1)]! |= 1 << (bit % HALF_BITS);
}
