import { PathEvaluationError } from '../errors.ts';
import type { BinaryOperator } from '../parse/ast.ts';
import { NONE, type Nodes } from './nodes.ts';
import { single } from './operation.ts';
import type { Run } from './run.ts';
import { Decimal } from './values/decimal.ts';
import { addTime } from './values/calendar.ts';
import { Quantity } from './values/quantity.ts';
import { Temporal } from './values/temporal.ts';
import { asDecimal, integerOf, nodesOf, valueOf, type Value } from './values/values.ts';

export type ArithmeticOperator = Extract<BinaryOperator, '+' | '-' | '*' | '/' | 'div' | 'mod'>;

/**
 * Computes with one value of each side (http://hl7.org/fhirpath/N1/#math-2); nothing where one is empty, and for what has
 * no result (a division by zero, an overflow).
 *
 * @throws PathEvaluationError for several values, and for those that the operator does not take
 */
export function compute(operator: ArithmeticOperator, a: Nodes, b: Nodes, run: Run): Nodes {
  const left = single(a, operator);
  const right = single(b, operator);
  if (!left || !right) return NONE;
  run.spend(1);
  const x = valueOf(left);
  const y = valueOf(right);
  if (x === undefined || y === undefined) {
    if (left.shape.system && right.shape.system) return NONE;
    throw unfit(operator, left.shape.name, right.shape.name);
  }
  if (typeof x === 'string' && typeof y === 'string' && operator === '+') {
    run.spendText(x.length + y.length);
    return nodesOf(x + y);
  }
  if (x instanceof Temporal && y instanceof Quantity && (operator === '+' || operator === '-')) {
    return nodesOf(addTime(x, operator === '+' ? y : y.withValue(y.value.negated())));
  }
  if (x instanceof Quantity || y instanceof Quantity) return nodesOf(computeQuantity(operator, x, y, run));
  const [m, n] = [asDecimal(x), asDecimal(y)];
  if (!m || !n) throw unfit(operator, left.shape.name, right.shape.name);
  return nodesOf(computeNumber(operator, m, n, typeof x === 'number' && typeof y === 'number'));
}

function unfit(operator: string, left: string, right: string): PathEvaluationError {
  return new PathEvaluationError(`${operator} does not take ${left} and ${right}`);
}

function computeNumber(
  operator: ArithmeticOperator,
  m: Decimal,
  n: Decimal,
  integers: boolean,
): Value | undefined {
  switch (operator) {
    case '+':
    case '-':
    case '*': {
      const result = operator === '*' ? m.times(n) : m.plus(operator === '+' ? n : n.negated());
      return integers ? integerOf(result.units) : result;
    }
    case '/':
      return m.dividedBy(n);
    case 'div': {
      const quotient = m.quotient(n);
      return quotient === undefined ? undefined : integerOf(quotient);
    }
    case 'mod': {
      const rest = m.remainder(n);
      return integers && rest ? integerOf(rest.units) : rest;
    }
  }
}

function computeQuantity(operator: ArithmeticOperator, a: Value, b: Value, run: Run): Value | undefined {
  const [x, y] = [quantity(a), quantity(b)];
  if (!x || !y || operator === 'div' || operator === 'mod') {
    throw new PathEvaluationError(`${operator} does not take a Quantity and another value`);
  }
  if (operator === '*') return x.times(y);
  if (operator === '/') return x.dividedBy(y);
  return x.plus(operator === '+' ? y : y.withValue(y.value.negated()), run.model.units);
}

function quantity(value: Value): Quantity | undefined {
  if (value instanceof Quantity) return value;
  const number = asDecimal(value);
  return number && new Quantity(number, '1');
}

/** `-x`; @throws PathEvaluationError for what is no number */
export function negate(nodes: Nodes): Nodes {
  const node = single(nodes, '-');
  const value = node && valueOf(node);
  if (value === undefined) return NONE;
  if (typeof value === 'number') return nodesOf(value === 0 ? 0 : -value);
  if (value instanceof Decimal) return nodesOf(value.negated());
  if (value instanceof Quantity) return nodesOf(value.withValue(value.value.negated()));
  throw new PathEvaluationError(`- does not take ${node!.shape.name}`);
}
