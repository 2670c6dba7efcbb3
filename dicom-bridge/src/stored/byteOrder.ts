const VALUE_BYTES: Readonly<Record<string, number>> = {
  ...{ OW: 2, US: 2, SS: 2 },
  AT: 2, // group and element
  ...{ OF: 4, OL: 4, FL: 4, SL: 4, UL: 4 },
  ...{ OD: 8, OV: 8, FD: 8, SV: 8, UV: 8 },
};

/** Bytes that change their places together where a value representation is not of single ones (PS3.5 sections 6.2 and 7.3): their order is that of the data set. */
export const valueBytesOf = (vr: string): number => VALUE_BYTES[vr] ?? 1;

/** A copy of values in the other byte order; the bytes themselves where values have one each, or are cut off. */
export function swapped(bytes: Buffer, valueBytes: number): Buffer {
  if (valueBytes === 1 || bytes.length % valueBytes !== 0) return bytes;
  const own = Buffer.from(bytes);
  if (valueBytes === 2) return own.swap16();
  return valueBytes === 4 ? own.swap32() : own.swap64();
}
