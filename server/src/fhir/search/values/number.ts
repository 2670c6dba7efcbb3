import type { Comparison, Prefix } from '../ast.ts';
import { ValueFault } from '../faults.ts';
import { NUMBER_CHARS_MAX } from '../limits.ts';
import { splitPrefix } from './prefix.ts';

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * `[prefix]number` (http://hl7.org/fhir/R4/search.html#number). `lo` and `hi` are half a unit of the last digit away:
 * 100 is [99.5, 100.5). R4 reads `1e2` as [95, 105), so a lone digit with an exponent counts as `1.0e2`.
 *
 * @throws ValueFault
 */
export function parseNumber(text: string): Comparison {
  const { prefix, rest } = splitPrefix(text);
  return compareNumber(prefix, rest);
}

/** A number without prefix. @throws ValueFault */
export function compareNumber(prefix: Prefix, text: string): Comparison {
  return { prefix, ...numberSpan(text) };
}

/** A number without prefix and what its digits imply. @throws ValueFault */
export function numberSpan(text: string): { exact: number; lo: number; hi: number } {
  const match = text.length <= NUMBER_CHARS_MAX ? NUMBER.exec(text) : null;
  const exact = match ? Number(text) : NaN;
  if (!match || !Number.isFinite(exact)) {
    throw new ValueFault(
      `is no number: write digits like 5, -5.40 or 5.4e-3, at most ${NUMBER_CHARS_MAX} characters and in the range of double precision.`,
    );
  }
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  let digits = `${whole}${fraction}`;
  let scale = Number(exponent ?? 0) - fraction.length;
  if (exponent !== undefined && digits.length === 1) {
    digits += '0';
    scale -= 1;
  }
  // Decimal arithmetic: 5.4 - 0.05 in binary is not the double nearest to 5.35.
  const tenths = BigInt(`${sign}${digits}`) * 10n;
  const lo = Number(`${tenths - 5n}e${scale - 1}`);
  const hi = Number(`${tenths + 5n}e${scale - 1}`);
  return { exact: plusZero(exact), lo: plusZero(lo), hi: hi > exact ? hi : nextUp(exact) };
}

const plusZero = (value: number) => (value === 0 ? 0 : value);

/** The next larger double: with more digits than a double has, the span must still hold the number itself. */
function nextUp(value: number): number {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value === 0 ? 0 : value);
  bytes.setBigInt64(0, bytes.getBigInt64(0) + (value < 0 ? -1n : 1n));
  return plusZero(bytes.getFloat64(0));
}
