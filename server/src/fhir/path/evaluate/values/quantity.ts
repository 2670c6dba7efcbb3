import { UNIT_CODE_CHARS_MAX, type UnitConverter } from '../../../units/units.ts';
import { Decimal } from './decimal.ts';

/** Words for units of time that mean what a unit of UCUM means. */
const DEFINITE: ReadonlyMap<string, string> = new Map([
  ['week', 'wk'],
  ['day', 'd'],
  ['hour', 'h'],
  ['minute', 'min'],
  ['second', 's'],
  ['millisecond', 'ms'],
]);
/** Words for units of time whose length depends on the calendar, in months. */
const MONTHS: ReadonlyMap<string, bigint> = new Map([
  ['year', 12n],
  ['month', 1n],
]);
/** The units of UCUM that are about as long. */
const ABOUT: ReadonlyMap<string, string> = new Map([
  ['year', 'a'],
  ['month', 'mo'],
]);
/** Digits of a converted number that are taken to be right. */
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

  /** The word for its unit of time, also where it is written in quotes; undefined for what is none. */
  get word(): string | undefined {
    const word = this.unit.replace(/s$/, '');
    return DEFINITE.has(word) || MONTHS.has(word) ? word : undefined;
  }

  /** @returns negative, 0 or positive; undefined where the units cannot be compared */
  compare(other: Quantity, units: UnitConverter): number | undefined {
    if (this.unit === other.unit) return this.value.compare(other.value);
    const [months, otherMonths] = [this.months, other.months];
    if (months && otherMonths) return months.compare(otherMonths);
    if (months || otherMonths) return undefined;
    const a = inBase(this, units);
    const b = inBase(other, units);
    return a && b && a.unit === b.unit ? a.number - b.number : undefined;
  }

  /** Whether it is about the same, rounded as the less precise of the two is (http://hl7.org/fhirpath/N1/#quantity-equivalence). */
  isEquivalentTo(other: Quantity, units: UnitConverter): boolean {
    const factor = factorTo(other.about, this.about, units);
    if (!factor) return this.compare(other, units) === 0;
    const scale = Math.min(this.value.scale, other.value.scale);
    return this.value.rounded(scale).compare(factor.times(other.value).rounded(scale)) === 0;
  }

  isComparableTo(other: Quantity, units: UnitConverter): boolean {
    const a = units.canonicalSpan({ lo: 1, hi: 1 }, this.about);
    const b = units.canonicalSpan({ lo: 1, hi: 1 }, other.about);
    return this.unit === other.unit || (a !== undefined && a.unit === b?.unit);
  }

  /** @returns undefined where the unit would be longer than any that is known */
  times(other: Quantity): Quantity | undefined {
    const unit = other.unit === '1' ? this.code : `(${this.code}).(${other.code})`;
    return withUnit(this.value.times(other.value), this.unit === '1' ? other.code : unit);
  }

  /** @returns undefined for a division by zero, too */
  dividedBy(other: Quantity): Quantity | undefined {
    const value = this.value.dividedBy(other.value);
    const unit = other.unit === '1' ? this.code : `(${this.code})/(${other.code})`;
    return value && withUnit(value, this.code === other.code ? '1' : unit);
  }

  /** The sum in the unit of this one; undefined where the units do not fit. */
  plus(other: Quantity, units: UnitConverter): Quantity | undefined {
    const factor = factorTo(other.code, this.code, units);
    const added = factor?.times(other.value);
    return added && this.withValue(this.value.plus(this.unit === other.unit ? added : added.trimmed()));
  }

  withValue(value: Decimal): Quantity {
    return new Quantity(value, this.unit, this.calendar);
  }

  /** The same text for two that are equal. */
  key(units: UnitConverter): string {
    const { months } = this;
    if (months) return `${months.trimmed()} month`;
    const base = inBase(this, units);
    return base ? `${base.number} ${base.unit}` : `${this.value.trimmed()} '${this.unit}'`;
  }

  toString(): string {
    return this.calendar ? `${this.value} ${this.unit}` : `${this.value} '${this.unit}'`;
  }

  /** Code of UCUM; of years and months the word, which is none. */
  get code(): string {
    return this.calendar ? (DEFINITE.get(this.unit) ?? this.unit) : this.unit;
  }

  private get about(): string {
    return this.calendar ? (ABOUT.get(this.unit) ?? this.code) : this.unit;
  }

  private get months(): Decimal | undefined {
    const months = this.calendar ? MONTHS.get(this.unit) : undefined;
    return months === undefined ? undefined : this.value.times(new Decimal(months, 0));
  }
}

function withUnit(value: Decimal, unit: string): Quantity | undefined {
  return unit.length > UNIT_CODE_CHARS_MAX ? undefined : new Quantity(value, unit);
}

function inBase(quantity: Quantity, units: UnitConverter): { number: number; unit: string } | undefined {
  const number = quantity.value.toNumber();
  const base = units.canonicalSpan({ lo: number, hi: number }, quantity.code);
  return base && { number: Number(base.lo.toPrecision(CONVERTED_DIGITS)), unit: base.unit };
}

/** How many of a unit another is; undefined where they do not fit, or have no common zero (degrees Celsius). */
function factorTo(from: string, to: string, units: UnitConverter): Decimal | undefined {
  if (from === to) return new Decimal(1n, 0);
  const a = units.canonicalSpan({ lo: 0, hi: 1 }, from);
  const b = units.canonicalSpan({ lo: 0, hi: 1 }, to);
  if (!a || !b || a.unit !== b.unit || a.lo !== 0 || b.lo !== 0) return undefined;
  return Decimal.of(Number((a.hi / b.hi).toPrecision(CONVERTED_DIGITS)));
}
