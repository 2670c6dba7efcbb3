import { ofCollections } from './define.ts';
import type { PathFunction, PathFunctions } from '../scope.ts';
import { NONE, type Nodes } from '../nodes.ts';
import { single } from '../operation.ts';
import { Decimal } from '../values/decimal.ts';
import { Quantity } from '../values/quantity.ts';
import { Temporal, type TemporalKind } from '../values/temporal.ts';
import { integerOf, nodesOf, valueOf, type Value } from '../values/values.ts';

const TRUE: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const FALSE: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', '0', '0.0']);
const QUANTITY = /^([+-]?\d+(?:\.\d+)?)(?:\s*'([^']+)'|\s+([a-zA-Z]+))?$/;

type Conversion = (value: Value) => Value | undefined;

function toBoolean(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value instanceof Decimal ? value.trimmed() : value).toLowerCase();
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
}

function toInteger(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string' || !/^[+-]?\d{1,10}$/.test(value)) return undefined;
  return integerOf(BigInt(value.replace('+', '')));
}

function toDecimal(value: Value): Decimal | undefined {
  if (value instanceof Decimal) return value;
  if (typeof value === 'boolean') return new Decimal(value ? 1n : 0n, 0);
  if (typeof value === 'number') return Decimal.of(value);
  return typeof value === 'string' && /^[+-]?\d+(\.\d+)?$/.test(value) ? Decimal.parse(value) : undefined;
}

function toQuantity(value: Value): Quantity | undefined {
  if (value instanceof Quantity) return value;
  if (typeof value !== 'string') {
    const number = toDecimal(value);
    return number && new Quantity(number, '1');
  }
  const [, digits, code, word] = QUANTITY.exec(value) ?? [];
  const number = digits === undefined ? undefined : Decimal.parse(digits);
  if (!number) return undefined;
  if (word === undefined) return new Quantity(number, code ?? '1');
  const quantity = new Quantity(number, word, true);
  return quantity.word === undefined ? undefined : quantity;
}

function toTemporal(kind: TemporalKind): Conversion {
  return (value) => {
    if (value instanceof Temporal) {
      if (value.kind === kind) return value;
      if (kind === 'time' || value.kind === 'time') return undefined;
      return new Temporal(
        kind,
        value.parts,
        kind === 'date' ? Math.min(value.known, 3) : value.known,
        value.zone,
      );
    }
    if (typeof value !== 'string') return undefined;
    if (kind !== 'date') return Temporal.parse(kind, value);
    return Temporal.parse('date', value.replace(/T.*$/, ''));
  };
}

function toText(value: Value): string {
  return String(value);
}

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  Boolean: toBoolean,
  Integer: toInteger,
  Decimal: toDecimal,
  Quantity: toQuantity,
  Date: toTemporal('date'),
  DateTime: toTemporal('dateTime'),
  Time: toTemporal('time'),
  String: toText,
};

function converted(input: Nodes, convert: Conversion): Value | undefined {
  const only = single(input, 'a conversion');
  const value = only && valueOf(only);
  return value === undefined ? undefined : convert(value);
}

function to(convert: Conversion): PathFunction {
  return ofCollections(0, 1, (input) => nodesOf(converted(input, convert)));
}

function convertsTo(convert: Conversion): PathFunction {
  return ofCollections(0, 1, (input) =>
    input.length === 0 ? NONE : nodesOf(converted(input, convert) !== undefined),
  );
}

/** `toInteger()`, `convertsToInteger()` and their like (http://hl7.org/fhirpath/N1/#conversion) */
export const CONVERSION: PathFunctions = Object.fromEntries(
  Object.entries(CONVERSIONS).flatMap(([type, convert]) => [
    [`to${type}`, to(convert)],
    [`convertsTo${type}`, convertsTo(convert)],
  ]),
);
