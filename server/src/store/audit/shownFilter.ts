/** Bits for each key and bits that each key sets: of others, one in 120 seems to be in it. */
const BITS_PER_KEY = 10;
const PROBES = 7;
const BYTE_BITS = 8;
/** What is left of a sum in 32 bits. */
const LOW_BITS = 0xffff_ffff;

/** A key as a filter takes it: from `low`, in steps of `step`, both of 32 bits. */
export interface Probe {
  low: number;
  step: number;
}

const eightBytes = () => new DataView(new ArrayBuffer(8));

/** @param key 64 bits of a keyed hash @param bytes used for the moment */
export function probeOf(key: bigint, bytes = eightBytes()): Probe {
  bytes.setBigInt64(0, key);
  return { low: bytes.getUint32(4), step: (bytes.getUint32(0) | 1) >>> 0 };
}

/**
 * A Bloom filter: it tells of a key for certain that it is not among those that the filter was made of, with ten bits for each of them. One that
 * is among them is never denied.
 *
 * @param keys at least one
 */
export function shownFilter(keys: readonly bigint[]): Buffer {
  const filter = Buffer.alloc(Math.ceil((keys.length * BITS_PER_KEY) / BYTE_BITS));
  const bits = filter.length * BYTE_BITS;
  const bytes = eightBytes();
  for (const key of keys) {
    const { low, step } = probeOf(key, bytes);
    for (let i = 0, at = low; i < PROBES; i++, at = (at + step) >>> 0) {
      const bit = at % bits;
      filter[bit >>> 3]! |= 1 << (bit & 7);
    }
  }
  return filter;
}

/**
 * SQL that is true where a filter may have a key. Each byte is taken by itself: of a filter that is stored outside of its row PostgreSQL then reads one piece.
 *
 * @param filter SQL of a bytea that {@link shownFilter} made
 * @param low, step SQL of bigints, as {@link probeOf} gives them
 */
export function mayHaveSql(filter: string, { low, step }: { low: string; step: string }): string {
  const bits = `(octet_length(${filter}) * ${BYTE_BITS})`;
  return Array.from({ length: PROBES }, (_, i) => `((${low} + ${i} * ${step}) & ${LOW_BITS}) % ${bits}`)
    .map((bit) => {
      const byte = `get_byte(substring(${filter} FROM (${bit} / ${BYTE_BITS})::integer + 1 FOR 1), 0)`;
      return `(${byte} >> (${bit} % ${BYTE_BITS})::integer) & 1 = 1`;
    })
    .join(' AND ');
}
