import { Decimal } from './decimal.ts';
import { baseUnit, type UnitBase } from './ucum.ts';

/** Words for units of time that mean what a unit of UCUM means. */
const DEFINITE: Readonly<Record<string, string>> = {
  week: 'wk',
  day: 'd',
  hour: 'h',
  minute: 'min',
  second: 's',
  millisecond: 'ms',
};
/** Words for units of time whose length depends on the calendar, in months. */
const CALENDAR_MONTHS: Readonly<Record<string, number>> = { year: 12, month: 1 };
/** The units of UCUM that are about as long. */
const CALENDAR_CODES: Readonly<Record<string, string>> = { year: 'a', month: 'mo' };
/** Digits of a result of a conversion that are taken to be right. */
const CONVERTED_DIGITS = 12;

/** A number with a unit: a code of UCUM, or a word for a unit of time (`year`, always the singular). */
export class Quantity {
  readonly value: Decimal;
  readonly unit: string;
  readonly calendar: boolean;

  constructor(value: Decimal, unit: string, calendar = false) {
    this.value = value;
    this.unit = calendar ? unit.replace(/s$/, '') : unit;
    this.calendar = calendar;
  }

  /** A word for a unit of time, also where it was written as a code. */
  get calendarUnit(): string | undefined {
    const word = this.unit.replace(/s$/, '');
    return word in DEFINITE || word in CALENDAR_MONTHS ? word : undefined;
  }

  /** @returns negative, 0 or positive; undefined where the units cannot be compared */
  compare(other: Quantity): number | undefined {
    if (this.unit === other.unit) return this.value.compare(other.value);
    const months = this.months;
    const otherMonths = other.months;
    if (months && otherMonths) return months.compare(otherMonths);
    if (months || otherMonths) return undefined;
    return compareBases(this.value, this.code, other.value, other.code);
  }

  /** Whether it is about the same: rounded as the less precise of the two is (http://hl7.org/fhirpath/N1/#quantity-equivalence). */
  isEquivalentTo(other: Quantity): boolean {
    const factor = this.unit === other.unit ? 1 : factorTo(other.looseCode, this.looseCode);
    const converted = factor === undefined ? undefined : Decimal.of(factor)?.times(other.value);
    if (!converted) return false;
    const scale = Math.min(this.value.scale, other.value.scale);
    return this.value.rounded(scale).compare(converted.rounded(scale)) === 0;
  }

  isComparableTo(other: Quantity): boolean {
    return this.unit === other.unit || factorTo(other.looseCode, this.looseCode) !== undefined;
  }

  /** Code of UCUM; of years and months none. */
  private get code(): string {
    return this.calendar ? (DEFINITE[this.unit] ?? '') : this.unit;
  }

  private get looseCode(): string {
    return this.calendar ? (DEFINITE[this.unit] ?? CALENDAR_CODES[this.unit] ?? '') : this.unit;
  }

  private get months(): Decimal | undefined {
    const months = this.calendar ? CALENDAR_MONTHS[this.unit] : undefined;
    return months === undefined ? undefined : this.value.times(new Decimal(BigInt(months), 0));
  }

  times(other: Quantity): Quantity {
    return new Quantity(this.value.times(other.value), combined(this.code, '.', other.code));
  }

  dividedBy(other: Quantity): Quantity | undefined {
    const value = this.value.dividedBy(other.value);
    return value && new Quantity(value, this.code === other.code ? '1' : combined(this.code, '/', other.code));
  }

  /** The sum in the unit of this one; undefined where the units do not fit. */
  plus(other: Quantity): Quantity | undefined {
    if (this.unit === other.unit) {
      return new Quantity(this.value.plus(other.value), this.unit, this.calendar);
    }
    const factor = factorTo(other.code, this.code);
    const converted = factor === undefined ? undefined : Decimal.of(factor)?.times(other.value);
    return converted && new Quantity(this.value.plus(converted).trimmed(), this.unit, this.calendar);
  }

  negated(): Quantity {
    return new Quantity(this.value.negated(), this.unit, this.calendar);
  }

  /** The same text for two that are equal. */
  get key(): string {
    const { months } = this;
    if (months) return `${months.trimmed()} month`;
    const base = baseUnit(this.code);
    if (!base) return `${this.value.trimmed()} ${this.unit}`;
    return `${inBase(this.value, base)} ${base.dimension}`;
  }

  toString(): string {
    return this.calendar ? `${this.value} ${this.unit}` : `${this.value} '${this.unit}'`;
  }
}

function combined(a: string, operator: '.' | '/', b: string): string {
  if (b === '1') return a;
  return a === '1' && operator === '.' ? b : `(${a})${operator}(${b})`;
}

function compareBases(a: Decimal, aUnit: string, b: Decimal, bUnit: string): number | undefined {
  const aBase = baseUnit(aUnit);
  const bBase = baseUnit(bUnit);
  if (!aBase || !bBase || aBase.dimension !== bBase.dimension) return undefined;
  return Number(inBase(a, aBase)) - Number(inBase(b, bBase));
}

function inBase(value: Decimal, base: UnitBase): string {
  const number = base.isSpecial ? base.convert(value.toNumber()) : value.toNumber() * base.magnitude;
  return String(Number(number.toPrecision(CONVERTED_DIGITS)));
}

function factorTo(from: string, to: string): number | undefined {
  const a = baseUnit(from);
  const b = baseUnit(to);
  if (!a || !b || a.dimension !== b.dimension || a.isSpecial || b.isSpecial) return undefined;
  return Number((a.magnitude / b.magnitude).toPrecision(CONVERTED_DIGITS));
}
