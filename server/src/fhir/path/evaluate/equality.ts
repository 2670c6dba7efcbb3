import { isObject, type Node, type Nodes } from './nodes.ts';
import type { Run } from './run.ts';
import { asDecimal, decimalOf, valueOf, type Value } from './values/values.ts';
import { Decimal } from './values/decimal.ts';
import { Quantity } from './values/quantity.ts';
import { Temporal } from './values/temporal.ts';

/** Whether two collections are equal (`=`), in order; undefined when one is empty or it is not known. */
export function areEqual(a: Nodes, b: Nodes, run: Run): boolean | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  if (a.length !== b.length) return false;
  let known = true;
  for (let i = 0; i < a.length; i++) {
    const equal = isEqual(a[i]!, b[i]!, run);
    if (equal === false) return false;
    if (equal === undefined) known = false;
  }
  return known ? true : undefined;
}

function isEqual(a: Node, b: Node, run: Run): boolean | undefined {
  run.spend(1);
  const left = valueOf(a);
  const right = valueOf(b);
  if (left !== undefined && right !== undefined) return equalValues(left, right, run);
  return keyOf(a, run) === keyOf(b, run);
}

function equalValues(a: Value, b: Value, run: Run): boolean | undefined {
  if (a instanceof Temporal && b instanceof Temporal && (a.kind === 'time') === (b.kind === 'time')) {
    const order = a.compare(b);
    return order === undefined ? undefined : order === 0;
  }
  if (a instanceof Quantity || b instanceof Quantity) {
    run.spendUnits();
    const order = asQuantity(a)?.compare(asQuantity(b) ?? NO_QUANTITY, run.model.units);
    return order === undefined ? undefined : order === 0;
  }
  const x = asDecimal(a);
  const y = asDecimal(b);
  return x && y ? x.compare(y) === 0 : a === b;
}

const NO_QUANTITY = new Quantity(new Decimal(0n, 0), '(no unit)');

/** A number is a quantity with the unit 1. */
export function asQuantity(value: Value): Quantity | undefined {
  if (value instanceof Quantity) return value;
  const number = asDecimal(value);
  return number && new Quantity(number, '1');
}

/**
 * A text that two nodes have in common if and only if they are equal, so that collections can be compared without
 * comparing each with each.
 */
export function keyOf(node: Node, run: Run): string {
  const value = valueOf(node);
  if (value === undefined) return jsonKey(node, run);
  if (typeof value === 'string') {
    run.spendText(value.length);
    return `s${value}`;
  }
  run.spend(1);
  if (typeof value === 'boolean') return `b${value}`;
  if (value instanceof Quantity) {
    run.spendUnits();
    return `q${value.key(run.model.units)}`;
  }
  if (value instanceof Temporal) return `t${value.key}`;
  return `n${asDecimal(value)!.trimmed()}`;
}

/** Of what has no value of its own: of its JSON, whatever the order of its properties. */
function jsonKey(node: Node, run: Run): string {
  const { value, companion } = node;
  const own = jsonText(value, run, (text) => text);
  return companion === undefined ? `o${own}` : `o${own}${jsonText(companion, run, (text) => text)}`;
}

function jsonText(value: unknown, run: Run, ofText: (text: string) => string, sorted = false): string {
  run.spend(1);
  if (typeof value === 'string') {
    run.spendText(value.length);
    return JSON.stringify(ofText(value));
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => jsonText(item, run, ofText, sorted));
    return `[${(sorted ? items.sort() : items).join()}]`;
  }
  const number = decimalOf(value);
  if (number) return number.trimmed().toString();
  if (!isObject(value)) return String(value);
  const parts = Object.keys(value)
    .sort()
    .map((name) => `${name}:${jsonText(value[name], run, ofText, sorted)}`);
  return `{${parts.join()}}`;
}

/** Whether two collections are equivalent (`~`), in any order. */
export function areEquivalent(a: Nodes, b: Nodes, run: Run): boolean {
  if (a.length !== b.length) return false;
  if (a.length === 1) return isEquivalent(a[0]!, b[0]!, run);
  const left = [...b];
  return a.every((node) => {
    const at = left.findIndex((other) => isEquivalent(node, other, run));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function isEquivalent(a: Node, b: Node, run: Run): boolean {
  run.spend(1);
  const x = valueOf(a);
  const y = valueOf(b);
  if (x === undefined || y === undefined) {
    return jsonText(a.value, run, normal, true) === jsonText(b.value, run, normal, true);
  }
  if (typeof x === 'string' && typeof y === 'string') {
    run.spendText(x.length + y.length);
    return normal(x) === normal(y);
  }
  if (x instanceof Quantity || y instanceof Quantity) {
    run.spendUnits();
    return asQuantity(x)?.isEquivalentTo(asQuantity(y) ?? NO_QUANTITY, run.model.units) ?? false;
  }
  const [m, n] = [asDecimal(x), asDecimal(y)];
  if (!m || !n) return equalValues(x, y, run) ?? false;
  const scale = Math.min(m.trimmed().scale, n.trimmed().scale);
  return m.rounded(scale).compare(n.rounded(scale)) === 0;
}

/** Without regard to case and to how much white space there is. */
function normal(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}
