import type { PathFunctions } from '../scope.ts';
import { Decimal } from '../values/decimal.ts';
import { Quantity } from '../values/quantity.ts';
import { daysInMonth, HOUR, PARTS, Temporal } from '../values/temporal.ts';
import { asDecimal, type Value } from '../values/values.ts';
import { integer, ofValue } from './define.ts';

type Direction = 'down' | 'up';

/** Digits after the point that a boundary has where none are asked for, and may have. */
const SCALE = 8;
const SCALE_MAX = 28;
/** How many parts of a date or time are known at a precision that is given in digits. */
const DATE_PARTS: ReadonlyMap<number, number> = new Map([
  [4, 1],
  [6, 2],
  [8, 3],
  [10, 4],
  [12, 5],
  [14, 6],
  [17, 7],
]);
const TIME_PARTS: ReadonlyMap<number, number> = new Map([
  [2, 4],
  [4, 5],
  [6, 6],
  [9, 7],
]);
/** The zones in which a day begins first and ends last, in minutes east of UTC. */
const EASTERNMOST = 14 * 60;
const WESTERNMOST = -12 * 60;
const LAST = [9999, 12, 31, 23, 59, 59, 999];
const FIRST = [1, 1, 1, 0, 0, 0, 0];

/** The lowest or highest value that one can have that is written with its precision. */
function boundary(value: Value, digits: number | undefined, direction: Direction): Value | undefined {
  if (value instanceof Temporal) return temporalBoundary(value, digits, direction);
  if (value instanceof Quantity) {
    const bound = decimalBoundary(value.value, digits, direction);
    return bound && value.withValue(bound);
  }
  const number = asDecimal(value);
  return number && decimalBoundary(number, digits, direction);
}

function decimalBoundary(
  value: Decimal,
  scale: number | undefined,
  direction: Direction,
): Decimal | undefined {
  const wanted = scale ?? SCALE;
  if (wanted < 0 || wanted > SCALE_MAX) return undefined;
  const half = new Decimal(direction === 'down' ? -5n : 5n, value.scale + 1);
  return value.plus(half).boundedAt(wanted, direction);
}

function temporalBoundary(
  value: Temporal,
  digits: number | undefined,
  direction: Direction,
): Temporal | undefined {
  const widths = value.kind === 'time' ? TIME_PARTS : DATE_PARTS;
  const full = value.kind === 'date' ? HOUR : PARTS.length;
  const known = digits === undefined ? full : widths.get(digits);
  if (known === undefined) return undefined;
  const parts = value.parts.map((part, i) =>
    i < value.known ? part : (direction === 'down' ? FIRST : LAST)[i]!,
  );
  if (direction === 'up' && value.known < HOUR && value.kind !== 'time') {
    parts[2] = daysInMonth(parts[0]!, parts[1]!);
  }
  const kind = value.kind === 'date' && known > HOUR ? 'dateTime' : value.kind;
  const needsZone = kind === 'dateTime' && known > HOUR;
  const zone = value.zone ?? (direction === 'down' ? EASTERNMOST : WESTERNMOST);
  return new Temporal(kind, parts, known, needsZone ? zone : undefined);
}

function bounded(direction: Direction) {
  return ofValue(0, 1, (value, [digits]) =>
    boundary(value, digits === undefined ? undefined : integer(digits), direction),
  );
}

function precision(value: Value): number | undefined {
  if (value instanceof Temporal) return value.digits;
  if (value instanceof Quantity) return precision(value.value);
  const number = asDecimal(value);
  return number?.scale;
}

/** Functions of the precision of values (http://hl7.org/fhirpath/#lowboundary), which FHIR R4's own do not have. */
export const BOUNDARIES: PathFunctions = {
  lowBoundary: bounded('down'),
  highBoundary: bounded('up'),
  precision: ofValue(0, 0, precision),
  comparable: ofValue(1, 1, (value, [other], { model }) => {
    if (!(value instanceof Quantity) || !(other instanceof Quantity)) return undefined;
    return value.isComparableTo(other, model.units);
  }),
};
