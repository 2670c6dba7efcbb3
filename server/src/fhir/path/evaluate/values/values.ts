import { NONE, Node, isObject, type Nodes } from '../nodes.ts';
import { SYSTEM } from '../shapes.ts';
import { Decimal } from './decimal.ts';
import { Quantity } from './quantity.ts';
import { Temporal } from './temporal.ts';

/** A value as operators take it; an Integer is a number. */
export type Value = boolean | string | number | Decimal | Temporal | Quantity;

const TEMPORALS = { Date: 'date', DateTime: 'dateTime', Time: 'time' } as const;

/** The value of an element or of one of FHIRPath's own types; undefined where it has none that operators take. */
export function valueOf(node: Node): Value | undefined {
  const { value, shape } = node;
  switch (shape.system) {
    case 'Boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'String':
      return typeof value === 'string' ? value : undefined;
    case 'Integer':
      return typeof value === 'number' ? value : undefined;
    case 'Decimal':
      return value instanceof Decimal ? value : decimalOf(value);
    case 'Date':
    case 'DateTime':
    case 'Time':
      if (value instanceof Temporal) return value;
      return typeof value === 'string' ? Temporal.parse(TEMPORALS[shape.system], value) : undefined;
    case 'Quantity':
      return value instanceof Quantity ? value : quantityOf(value);
    default:
      return undefined;
  }
}

/** A JSON number, also one that is kept as its text. */
export function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value === 'number') return Decimal.of(value);
  const text = isObject(value) ? value.rawJSON : undefined;
  return typeof text === 'string' ? Decimal.parse(text) : undefined;
}

/** FHIR's Quantity as FHIRPath's (http://hl7.org/fhir/R4/fhirpath.html#quantity); one with a comparator is none. */
function quantityOf(value: unknown): Quantity | undefined {
  if (!isObject(value) || value.comparator !== undefined) return undefined;
  const number = decimalOf(value.value);
  if (!number) return undefined;
  const unit = value.code ?? value.unit ?? '1';
  return typeof unit === 'string' ? new Quantity(number, unit) : undefined;
}

/** The nodes of a value: of an undefined one, and of a number with too many digits, none. */
export function nodesOf(value: Value | undefined): Nodes {
  const number = value instanceof Quantity ? value.value : value;
  const isNone = number === undefined || (number instanceof Decimal && number.isTooLong);
  return isNone ? NONE : [nodeOf(value!)];
}

export function nodeOf(value: Value): Node {
  if (typeof value === 'boolean') return new Node(value, SYSTEM.Boolean);
  if (typeof value === 'string') return new Node(value, SYSTEM.String);
  if (typeof value === 'number') return new Node(value, SYSTEM.Integer);
  if (value instanceof Decimal) return new Node(value, SYSTEM.Decimal);
  if (value instanceof Quantity) return new Node(value, SYSTEM.Quantity);
  return new Node(
    value,
    value.kind === 'date' ? SYSTEM.Date : value.kind === 'time' ? SYSTEM.Time : SYSTEM.DateTime,
  );
}

/** A number as a decimal; undefined for values that are none. */
export function asDecimal(value: Value | undefined): Decimal | undefined {
  if (typeof value === 'number') return Decimal.of(value);
  return value instanceof Decimal ? value : undefined;
}

/** A whole number that fits an Integer (32 bits), else nothing. */
export function integerOf(value: bigint): number | undefined {
  return value >= -2147483648n && value <= 2147483647n ? Number(value) : undefined;
}
