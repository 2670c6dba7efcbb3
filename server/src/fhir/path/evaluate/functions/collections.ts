import { PathEvaluationError, PathSyntaxError } from '../../errors.ts';
import type { Ast } from '../../parse/ast.ts';
import { distinct } from '../binary.ts';
import { compareNodes } from '../compare.ts';
import { keyOf } from '../equality.ts';
import { addAllChildren } from '../navigate.ts';
import { NONE, type Node, type Nodes } from '../nodes.ts';
import { ofItems, type Operation } from '../operation.ts';
import type { Run } from '../run.ts';
import type { PathFunction, PathFunctions } from '../scope.ts';
import { integer, ofCollections, ofInput, oneValue, requireOrder } from './define.ts';

/** A function that takes a number of items, or leaves them out. */
function ofCount(apply: (input: Nodes, count: number) => Nodes): PathFunction {
  return {
    min: 1,
    max: 1,
    compile(input, [argument], scope) {
      requireOrder(input.ordered, scope.strict);
      const count = scope.compile(argument!);
      return ofItems((focus, run) => {
        const given = oneValue(count.items(focus, run));
        return given === undefined ? NONE : apply(input.items(focus, run), integer(given));
      }, input.shapes);
    },
  };
}

function single(input: Nodes): Nodes {
  if (input.length > 1)
    throw new PathEvaluationError(`single() takes one item, and there are ${input.length}`);
  return input;
}

/** http://hl7.org/fhirpath/N1/#subsetting */
export const SUBSETTING: PathFunctions = {
  first: ofInput((input) => (input.length > 1 ? [input[0]!] : input), true),
  last: ofInput((input) => (input.length > 1 ? [input.at(-1)!] : input), true),
  tail: ofInput((input) => input.slice(1), true),
  single: ofInput(single),
  skip: ofCount((input, count) => (count > 0 ? input.slice(count) : input)),
  take: ofCount((input, count) => (count > 0 ? input.slice(0, count) : NONE)),
};

function keys(nodes: Nodes, run: Run): ReadonlySet<string> {
  return new Set(nodes.map((node) => keyOf(node, run)));
}

/** http://hl7.org/fhirpath/N1/#combining, `intersect` and `exclude` */
export const COMBINING: PathFunctions = {
  union: ofCollections(1, 1, (input, [other = NONE], run) => distinct([...input, ...other], run)),
  combine: ofCollections(1, 1, (input, [other = NONE], run) => {
    run.spend(input.length + other.length);
    return [...input, ...other];
  }),
  intersect: ofCollections(1, 1, (input, [other = NONE], run) => {
    const wanted = keys(other, run);
    return distinct(
      input.filter((node) => wanted.has(keyOf(node, run))),
      run,
    );
  }),
  exclude: ofCollections(1, 1, (input, [other = NONE], run) => {
    const unwanted = keys(other, run);
    return input.filter((node) => !unwanted.has(keyOf(node, run)));
  }),
};

const children: PathFunction = {
  min: 0,
  max: 0,
  compile(input, _args, { model }) {
    const items = (focus: Node, run: Run): Nodes => {
      const found: Node[] = [];
      for (const node of input.items(focus, run)) addAllChildren(node, model.shapes, found);
      run.spend(1 + found.length);
      return found;
    };
    return ofItems(items, undefined, false);
  },
};

const descendants: PathFunction = {
  min: 0,
  max: 0,
  compile(input, _args, { model }) {
    const items = (focus: Node, run: Run): Nodes => {
      const found: Node[] = [];
      for (const node of input.items(focus, run)) addAllChildren(node, model.shapes, found);
      // The list grows while it is gone through: each level comes after the one above.
      for (let i = 0; i < found.length; i++) {
        run.spend(1);
        addAllChildren(found[i]!, model.shapes, found);
      }
      return found;
    };
    return ofItems(items, undefined, false);
  },
};

/** http://hl7.org/fhirpath/N1/#tree-navigation */
export const TREE: PathFunctions = { children, descendants };

/** One thing to sort by: `-family` begins with the last. */
interface SortKey {
  operation: Operation;
  descending: boolean;
}

const sort: PathFunction = {
  min: 0,
  max: 16,
  compile(input, args, scope) {
    const wanted: readonly Ast[] = args.length > 0 ? args : [{ kind: 'this' }];
    const sortKeys = wanted.map((arg): SortKey => {
      const descending = arg.kind === 'sign' && arg.operator === '-';
      return { operation: scope.compileOn(descending ? arg.of : arg, input.shapes), descending };
    });
    if (sortKeys.length === 0) throw new PathSyntaxError('sort() has nothing to sort by');
    return ofItems((focus, run) => sorted(input.items(focus, run), sortKeys, run), input.shapes);
  },
};

function sorted(nodes: Nodes, sortKeys: readonly SortKey[], run: Run): Nodes {
  const rows = nodes.map((node) => ({
    node,
    keys: sortKeys.map(({ operation }) => operation.items(node, run)),
  }));
  rows.sort((a, b) => {
    for (let i = 0; i < sortKeys.length; i++) {
      const order = inOrder(a.keys[i]!, b.keys[i]!, sortKeys[i]!.descending, run);
      if (order !== 0) return order;
    }
    return 0;
  });
  return rows.map(({ node }) => node);
}

/** What has no value comes first, in either direction. */
function inOrder(a: Nodes, b: Nodes, descending: boolean, run: Run): number {
  if (a.length === 0 || b.length === 0) return a.length - b.length;
  const order = compareNodes(a, b, run) ?? 0;
  return descending ? -order : order;
}

export const SORTING: PathFunctions = { sort };
