import { PathEvaluationError } from '../../errors.ts';
import type { PathFunctions } from '../scope.ts';
import { Decimal } from '../values/decimal.ts';
import { Quantity } from '../values/quantity.ts';
import { asDecimal, integerOf, type Value } from '../values/values.ts';
import { integer, ofValue } from './define.ts';

/** Digits after the point that `round` can be asked for. */
const SCALE_MAX = 100;

/** @throws PathEvaluationError for what is no number */
function decimal(value: Value | undefined): Decimal {
  const number = asDecimal(value);
  if (!number) throw new PathEvaluationError('a function of numbers takes no other value');
  return number;
}

/** A function that JavaScript's numbers are precise enough for; nothing where it has no real result. */
function ofNumber(apply: (value: number, argument: number) => number, args = 0) {
  return ofValue(args, args, (value, [argument]) =>
    Decimal.of(apply(decimal(value).toNumber(), args === 0 ? 0 : decimal(argument).toNumber())),
  );
}

function floor(value: Decimal): Decimal {
  return value.boundedAt(0, 'down');
}

function abs(value: Value): Value {
  if (value instanceof Quantity) return value.withValue(abs(value.value) as Decimal);
  if (typeof value === 'number') return Math.abs(value);
  const number = decimal(value);
  return number.units < 0n ? number.negated() : number;
}

function power(value: Value, [exponent]: readonly Value[]): Value | undefined {
  const base = decimal(value);
  if (typeof exponent !== 'number' || exponent < 0 || exponent * Math.max(base.scale, 1) > SCALE_MAX) {
    return Decimal.of(base.toNumber() ** decimal(exponent).toNumber());
  }
  let product = new Decimal(1n, 0);
  for (let i = 0; i < exponent; i++) product = product.times(base);
  return typeof value === 'number' ? integerOf(product.units) : product;
}

function round(value: Value, [digits]: readonly Value[]): Decimal {
  const scale = digits === undefined ? 0 : integer(digits);
  if (scale < 0 || scale > SCALE_MAX) throw new PathEvaluationError(`round() takes 0 to ${SCALE_MAX} digits`);
  return decimal(value).rounded(scale);
}

/** http://hl7.org/fhirpath/N1/#math */
export const MATH: PathFunctions = {
  abs: ofValue(0, 0, abs),
  ceiling: ofValue(0, 0, (value) => integerOf(decimal(value).boundedAt(0, 'up').units)),
  floor: ofValue(0, 0, (value) => integerOf(floor(decimal(value)).units)),
  truncate: ofValue(0, 0, (value) => integerOf(decimal(value).truncated())),
  round: ofValue(0, 1, round),
  exp: ofNumber(Math.exp),
  ln: ofNumber(Math.log),
  log: ofNumber((value, base) => Math.log2(value) / Math.log2(base), 1),
  sqrt: ofNumber(Math.sqrt),
  power: ofValue(1, 1, power),
};
