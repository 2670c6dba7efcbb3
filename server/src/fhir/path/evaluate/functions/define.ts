import { PathEvaluationError, PathSyntaxError } from '../../errors.ts';
import { NONE, type Node, type Nodes } from '../nodes.ts';
import { ofItems, ofTruth, single } from '../operation.ts';
import type { Run } from '../run.ts';
import type { PathFunction } from '../scope.ts';
import type { Shape } from '../shape.ts';
import { nodesOf, valueOf, type Value } from '../values/values.ts';

/** A function of collections: its arguments are evaluated once, on what is the focus outside of it. */
export function ofCollections(
  min: number,
  max: number,
  apply: (input: Nodes, args: readonly Nodes[], run: Run) => Nodes,
  shapes?: readonly Shape[],
): PathFunction {
  return {
    min,
    max,
    compile(input, args, scope) {
      const compiled = args.map((arg) => scope.compile(arg));
      return ofItems((focus, run) => {
        const given = compiled.map((arg) => arg.items(focus, run));
        return apply(input.items(focus, run), given, run);
      }, shapes);
    },
  };
}

/** A function without arguments that keeps some of its input. */
export function ofInput(apply: (input: Nodes, run: Run) => Nodes, needsOrder = false): PathFunction {
  return {
    min: 0,
    max: 0,
    compile(input, _args, scope) {
      if (needsOrder) requireOrder(input.ordered, scope.strict);
      return ofItems((focus, run) => apply(input.items(focus, run), run), input.shapes, input.ordered);
    },
  };
}

/** A function of a collection that says whether something is so. */
export function ofTest(
  max: 0 | 1,
  test: (input: Nodes, args: readonly Nodes[], run: Run) => boolean | undefined,
): PathFunction {
  return {
    min: max,
    max,
    compile(input, args, scope) {
      const compiled = args.map((arg) => scope.compile(arg));
      return ofTruth((focus, run) => {
        const given = compiled.map((arg) => arg.items(focus, run));
        return test(input.items(focus, run), given, run);
      });
    },
  };
}

/** A function of one value, which has no result where that, or one of its arguments, is empty. */
export function ofValue(
  min: number,
  max: number,
  apply: (value: Value, args: readonly Value[], run: Run) => Value | undefined,
): PathFunction {
  return ofCollections(min, max, (input, args, run) => {
    const value = oneValue(input);
    const given = args.map(oneValue);
    if (value === undefined || given.includes(undefined)) return NONE;
    run.spend(1);
    return nodesOf(apply(value, given as Value[], run));
  });
}

/** @throws PathEvaluationError for several, and for what operators and functions do not take */
export function oneValue(nodes: Nodes): Value | undefined {
  const only = single(nodes, 'a function');
  if (only === undefined) return undefined;
  const value = valueOf(only);
  if (value === undefined && only.shape.system === undefined) throw unfit(only);
  return value;
}

export function unfit({ shape }: Pick<Node, 'shape'>): PathEvaluationError {
  return new PathEvaluationError(`a function does not take ${shape.name}`);
}

/** A whole number as an argument. @throws PathEvaluationError for another value */
export function integer(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  throw new PathEvaluationError('a function takes a whole number as its argument');
}

/** @throws PathSyntaxError where an expression asks for what is first in a collection without an order */
export function requireOrder(ordered: boolean, strict: boolean): void {
  if (strict && !ordered)
    throw new PathSyntaxError('the order of what children() and descendants() find is not defined');
}
