const VALUE_BYTES: Readonly<Record<string, number>> = { OW: 2, OF: 4, OL: 4, OD: 8, OV: 8 };

/** Bytes of one value of a binary value representation (PS3.5 section 6.2): their order is that of the data set. */
export const valueBytesOf = (vr: string): number => VALUE_BYTES[vr] ?? 1;

/** A copy of values in the other byte order; the bytes themselves where values have one each, or are cut off. */
export function swapped(bytes: Buffer, valueBytes: number): Buffer {
  if (valueBytes === 1 || bytes.length % valueBytes !== 0) return bytes;
  const own = Buffer.from(bytes);
  if (valueBytes === 2) return own.swap16();
  return valueBytes === 4 ? own.swap32() : own.swap64();
}
