import { PathEvaluationError } from '../errors.ts';
import { asQuantity } from './equality.ts';
import type { Node, Nodes } from './nodes.ts';
import { single } from './operation.ts';
import type { Run } from './run.ts';
import { Quantity } from './values/quantity.ts';
import { compareTexts, Temporal } from './values/temporal.ts';
import { asDecimal, valueOf } from './values/values.ts';

/**
 * Compares two collections of one value each (http://hl7.org/fhirpath/N1/#comparison).
 *
 * @returns negative, 0 or positive; undefined when one is empty or it depends on what is not known
 * @throws PathEvaluationError for several values, and for those that have no order
 */
export function compareNodes(a: Nodes, b: Nodes, run: Run): number | undefined {
  const left = single(a, 'a comparison');
  const right = single(b, 'a comparison');
  return left && right && compareNode(left, right, run);
}

export function compareNode(a: Node, b: Node, run: Run): number | undefined {
  run.spend(1);
  if (typeof a.value === 'number' && typeof b.value === 'number') return a.value - b.value;
  if (isDateText(a) && isDateText(b)) return compareTexts(a.value as string, b.value as string);
  const left = valueOf(a);
  const right = valueOf(b);
  if (left === undefined || right === undefined) {
    if (a.shape.system && b.shape.system) return undefined;
    throw new PathEvaluationError(`${a.shape.name} and ${b.shape.name} have no order`);
  }
  if (typeof left === 'string' && typeof right === 'string') {
    run.spendText(left.length + right.length);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (left instanceof Temporal && right instanceof Temporal) {
    if ((left.kind === 'time') === (right.kind === 'time')) return left.compare(right);
  } else if (left instanceof Quantity || right instanceof Quantity) {
    const [x, y] = [asQuantity(left), asQuantity(right)];
    run.spendUnits();
    if (x && y) return x.compare(y, run.model.units);
  } else {
    const [x, y] = [asDecimal(left), asDecimal(right)];
    if (x && y) return x.compare(y);
  }
  throw new PathEvaluationError(`${a.shape.name} and ${b.shape.name} have no order`);
}

function isDateText({ shape, value }: Node): boolean {
  return (shape.system === 'DateTime' || shape.system === 'Date') && typeof value === 'string';
}
