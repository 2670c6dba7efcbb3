/** Digits after the point that a division makes. */
const QUOTIENT_SCALE = 16;
/** Digits before or after the point of a decimal that is computed with. */
export const DECIMAL_DIGITS_MAX = 500;

const LONGEST = 10n ** BigInt(DECIMAL_DIGITS_MAX);

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** A decimal number with its precision: `1.50` is 150 with the scale 2. */
export class Decimal {
  readonly units: bigint;
  /** Digits after the point. */
  readonly scale: number;

  constructor(units: bigint, scale: number) {
    this.units = units;
    this.scale = scale;
  }

  /** Reads a number as FHIRPath, JSON or JavaScript write it; undefined for any other text, or one too long. */
  static parse(text: string): Decimal | undefined {
    const match = NUMBER.exec(text);
    if (!match || text.length > DECIMAL_DIGITS_MAX) return undefined;
    const [, sign, whole = '', fraction = '', exponent = '0'] = match;
    const power = Number(exponent);
    if (Math.abs(power) > DECIMAL_DIGITS_MAX) return undefined;
    const scale = fraction.length - power;
    const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
    return scale >= 0 ? new Decimal(digits, scale) : new Decimal(digits * pow10(-scale), 0);
  }

  /** @returns undefined for what is no finite number */
  static of(number: number): Decimal | undefined {
    return Decimal.parse(String(number));
  }

  /** -1, 0 or 1 as this is less than, equal to or greater than another. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const a = this.unitsAt(scale);
    const b = other.unitsAt(scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale);
  }

  negated(): Decimal {
    return new Decimal(-this.units, this.scale);
  }

  /** Rounded to 16 digits after the point, zeros at its end dropped; undefined for a division by zero. */
  dividedBy(other: Decimal): Decimal | undefined {
    if (other.units === 0n) return undefined;
    const numerator = this.units * pow10(QUOTIENT_SCALE + other.scale);
    const denominator = other.units * pow10(this.scale);
    return new Decimal(divideHalfUp(numerator, denominator), QUOTIENT_SCALE).trimmed();
  }

  /** How often another goes into this, towards zero; undefined for zero. */
  quotient(other: Decimal): bigint | undefined {
    if (other.units === 0n) return undefined;
    const scale = Math.max(this.scale, other.scale);
    return this.unitsAt(scale) / other.unitsAt(scale);
  }

  remainder(other: Decimal): Decimal | undefined {
    if (other.units === 0n) return undefined;
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.unitsAt(scale) % other.unitsAt(scale), scale);
  }

  /** With so many digits after the point; of a half away from zero. */
  rounded(scale: number): Decimal {
    if (scale >= this.scale) return this;
    return new Decimal(divideHalfUp(this.units, pow10(this.scale - scale)), scale);
  }

  /** With so many digits after the point, of which the last is the next lower or higher one where digits are cut off. */
  boundedAt(scale: number, direction: 'down' | 'up'): Decimal {
    if (scale >= this.scale) return new Decimal(this.unitsAt(scale), scale);
    const divisor = pow10(this.scale - scale);
    const cut = this.units / divisor;
    if (cut * divisor === this.units) return new Decimal(cut, scale);
    const step = direction === 'down' ? (this.units < 0n ? -1n : 0n) : this.units > 0n ? 1n : 0n;
    return new Decimal(cut + step, scale);
  }

  /** The whole number towards zero. */
  truncated(): bigint {
    return this.units / pow10(this.scale);
  }

  /** Without zeros at its end. */
  trimmed(): Decimal {
    let { units, scale } = this;
    while (scale > 0 && units % 10n === 0n) {
      units /= 10n;
      scale--;
    }
    return scale === this.scale ? this : new Decimal(units, scale);
  }

  /** Whether it has more digits than are computed with. */
  get isTooLong(): boolean {
    return this.scale > DECIMAL_DIGITS_MAX || this.units > LONGEST || this.units < -LONGEST;
  }

  toNumber(): number {
    return Number(this.toString());
  }

  toString(): string {
    const negative = this.units < 0n;
    const digits = (negative ? -this.units : this.units).toString().padStart(this.scale + 1, '0');
    const whole = digits.slice(0, digits.length - this.scale);
    const fraction = this.scale > 0 ? `.${digits.slice(digits.length - this.scale)}` : '';
    return `${negative ? '-' : ''}${whole}${fraction}`;
  }

  /** The number in units of a scale that is not smaller. */
  unitsAt(scale: number): bigint {
    return scale === this.scale ? this.units : this.units * pow10(scale - this.scale);
  }
}

function pow10(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const a = numerator < 0n ? -numerator : numerator;
  const b = denominator < 0n ? -denominator : denominator;
  const rounded = (2n * a + b) / (2n * b);
  return negative ? -rounded : rounded;
}
