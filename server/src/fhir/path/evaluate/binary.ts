import { PathEvaluationError } from '../errors.ts';
import type { BinaryOperator } from '../parse/ast.ts';
import { compute } from './arithmetic.ts';
import { compareNodes } from './compare.ts';
import { constantOf } from './constants.ts';
import { areEqual, areEquivalent, keyOf } from './equality.ts';
import type { Node, Nodes } from './nodes.ts';
import { ofItems, ofTruth, single, type Operation } from './operation.ts';
import type { Run } from './run.ts';
import { valueOf, nodesOf } from './values/values.ts';

/** `left operator right`. */
export function binaryOperation(operator: BinaryOperator, left: Operation, right: Operation): Operation {
  switch (operator) {
    case 'and':
    case 'or':
    case 'xor':
    case 'implies':
      return ofTruth(LOGIC[operator](left, right));
    case '=':
      return ofTruth(equality(left, right));
    case '!=': {
      const equal = equality(left, right);
      return ofTruth((focus, run) => negated(equal(focus, run)));
    }
    case '~':
      return ofTruth((focus, run) => areEquivalent(left.items(focus, run), right.items(focus, run), run));
    case '!~':
      return ofTruth((focus, run) => !areEquivalent(left.items(focus, run), right.items(focus, run), run));
    case '<':
      return ordered(left, right, (order) => order < 0);
    case '<=':
      return ordered(left, right, (order) => order <= 0);
    case '>':
      return ordered(left, right, (order) => order > 0);
    case '>=':
      return ordered(left, right, (order) => order >= 0);
    case 'in':
      return membership(left, right);
    case 'contains':
      return membership(right, left);
    case '|':
      return union(left, right);
    case '&':
      return ofItems((focus, run) => concatenated(left.items(focus, run), right.items(focus, run), run));
    default:
      return ofItems((focus, run) => compute(operator, left.items(focus, run), right.items(focus, run), run));
  }
}

type Truth = (focus: Node, run: Run) => boolean | undefined;

/** Three-valued logic (http://hl7.org/fhirpath/N1/#boolean-logic); what cannot change the result is not evaluated. */
const LOGIC: Record<'and' | 'or' | 'xor' | 'implies', (left: Operation, right: Operation) => Truth> = {
  and: (left, right) => (focus, run) => {
    const a = left.truth(focus, run);
    if (a === false) return false;
    const b = right.truth(focus, run);
    return b === false ? false : a && b;
  },
  or: (left, right) => (focus, run) => {
    const a = left.truth(focus, run);
    if (a === true) return true;
    const b = right.truth(focus, run);
    return b === true ? true : a === undefined ? undefined : b;
  },
  xor: (left, right) => (focus, run) => {
    const a = left.truth(focus, run);
    const b = right.truth(focus, run);
    return a === undefined || b === undefined ? undefined : a !== b;
  },
  implies: (left, right) => (focus, run) => {
    const a = left.truth(focus, run);
    if (a === false) return true;
    const b = right.truth(focus, run);
    return b === true || a === true ? b : undefined;
  },
};

export function negated(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

function equality(left: Operation, right: Operation): Truth {
  const literal = right.constant?.length === 1 ? right.constant[0]!.value : undefined;
  if (typeof literal !== 'string') {
    return (focus, run) => areEqual(left.items(focus, run), right.items(focus, run), run);
  }
  return (focus, run) => {
    const nodes = left.items(focus, run);
    const [only] = nodes;
    if (nodes.length === 1 && typeof only!.value === 'string' && only!.shape.system === 'String') {
      return only!.value === literal;
    }
    return areEqual(nodes, right.constant!, run);
  };
}

function ordered(left: Operation, right: Operation, test: (order: number) => boolean): Operation {
  return ofTruth((focus, run) => {
    const order = compareNodes(left.items(focus, run), right.items(focus, run), run);
    return order === undefined ? undefined : test(order);
  });
}

function membership(one: Operation, many: Operation): Operation {
  let constantKeys: ReadonlySet<string> | undefined;
  return ofTruth((focus, run) => {
    const item = single(one.items(focus, run), 'in and contains');
    if (item === undefined) return undefined;
    const key = keyOf(item, run);
    if (many.constant) {
      constantKeys ??= new Set(many.constant.map((node) => keyOf(node, run)));
      return constantKeys.has(key);
    }
    return many.items(focus, run).some((node) => keyOf(node, run) === key);
  });
}

function union(left: Operation, right: Operation): Operation {
  const shapes = left.shapes && right.shapes && [...new Set([...left.shapes, ...right.shapes])];
  const values = left.constant && right.constant && [...left.constant, ...right.constant];
  // Texts are joined once: they are equal when they are the same.
  if (values?.every(({ value }) => typeof value === 'string')) {
    return constantOf([...new Map(values.map((node) => [node.value, node])).values()]);
  }
  return {
    ...ofItems(
      (focus, run) => distinct([...left.items(focus, run), ...right.items(focus, run)], run),
      shapes,
    ),
    exists: (focus, run) => left.exists(focus, run) || right.exists(focus, run),
  };
}

/** Without those that are equal to an earlier one. */
export function distinct(nodes: Nodes, run: Run): Nodes {
  if (nodes.length < 2) return nodes;
  const keys = new Set<string>();
  return nodes.filter((node) => {
    const key = keyOf(node, run);
    return !keys.has(key) && keys.add(key);
  });
}

/** `&`: nothing is the empty text. */
function concatenated(a: Nodes, b: Nodes, run: Run): Nodes {
  const text = textOf(a) + textOf(b);
  run.spendText(text.length);
  return nodesOf(text);
}

function textOf(nodes: Nodes): string {
  const node = single(nodes, '&');
  const value = node && valueOf(node);
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new PathEvaluationError(`& does not take ${node!.shape.name}`);
  return value;
}
