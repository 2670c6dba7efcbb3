/** Digits of a power of ten that are still counted exactly. */
const EXPONENT_DIGITS_MAX = 15;

/** Whether two JSON numbers have the same value, of any length: `1.10` and `11e-1` have. */
export function sameNumber(a: string, b: string): boolean {
  if (a === b) return true;
  const x = normalForm(a);
  const y = normalForm(b);
  return x !== undefined && y !== undefined && x === y;
}

/** Sign, digits without zeros at either end, and power of ten; undefined when that is beyond counting. */
function normalForm(text: string): string | undefined {
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(
    text,
  ) as unknown as [string, string, string, string | undefined, string | undefined];
  const digits = trimZeros(whole + fraction);
  if (digits.text === '') return '0';
  const exponent = power.replace(/^([+-]?)0+(?=\d)/, '$1');
  if (exponent.length > EXPONENT_DIGITS_MAX) return undefined;
  return `${sign}${digits.text}e${Number(exponent) - fraction.length + digits.cutAtEnd}`;
}

function trimZeros(digits: string): { text: string; cutAtEnd: number } {
  let start = 0;
  while (digits[start] === '0') start++;
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end--;
  return { text: digits.slice(start, end), cutAtEnd: digits.length - end };
}
