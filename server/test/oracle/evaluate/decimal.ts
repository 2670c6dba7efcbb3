/** An exact decimal number: `digits` times ten to the power of `exponent`. */
export interface Decimal {
  digits: bigint;
  exponent: number;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** @throws Error for what is no number */
export function decimal(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === '') throw new Error(`not a number: ${text}`);
  return {
    digits: BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`),
    exponent: Number(exponent) - fraction.length,
  };
}

/** Below 0 where the first is smaller. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const difference = add(a, negate(b)).digits;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: at(a, exponent) + at(b, exponent), exponent };
}

export const negate = ({ digits, exponent }: Decimal): Decimal => ({ digits: -digits, exponent });

export const multiply = (a: Decimal, b: Decimal): Decimal => ({
  digits: a.digits * b.digits,
  exponent: a.exponent + b.exponent,
});

export const absolute = (a: Decimal): Decimal => (a.digits < 0n ? negate(a) : a);

const at = ({ digits, exponent }: Decimal, smaller: number): bigint =>
  digits * 10n ** BigInt(exponent - smaller);
