/** A decimal number without loss: `digits` times ten to the power of minus `scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

const FORM = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads a decimal. Of a number its shortest text counts, which is what was written in the JSON, up to 15 digits.
 *
 * @throws RangeError where it is none
 */
export function decimal(value: number | string): Decimal {
  const [, sign, whole, fraction = '', exponent = '0'] = FORM.exec(String(value).trim()) ?? [];
  if (whole === undefined) throw new RangeError(`${value} is no decimal number`);
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The product, exactly. */
export function product(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** `value` as a whole number of units of ten to the power of minus `places`, halves away from zero. */
export function rounded({ digits, scale }: Decimal, places: number): bigint {
  if (scale <= places) return digits * 10n ** BigInt(places - scale);
  const unit = 10n ** BigInt(scale - places);
  const [size, sign] = digits < 0n ? [-digits, -1n] : [digits, 1n];
  return sign * ((size * 2n + unit) / (unit * 2n));
}
