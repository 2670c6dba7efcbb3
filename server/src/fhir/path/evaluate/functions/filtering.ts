import { PathEvaluationError } from '../../errors.ts';
import type { Ast } from '../../parse/ast.ts';
import { asOperation, isOperation } from '../typed.ts';
import { keyOf } from '../equality.ts';
import { NONE, objectOf, type Node, type Nodes } from '../nodes.ts';
import { ofItems, single, type Operation } from '../operation.ts';
import type { Run } from '../run.ts';
import type { PathFunction, PathFunctions, Scope } from '../scope.ts';
import { NOTHING } from '../shapes.ts';
import { checkTypeName, isAsType, typeNameOf } from '../typeNames.ts';
import { valueOf } from '../values/values.ts';

/** Evaluates something for each item, which knows its place as `$index`. */
function forEach(nodes: Nodes, run: Run, visit: (node: Node) => void): void {
  const outer = run.index;
  for (let i = 0; i < nodes.length; i++) {
    run.spend(1);
    run.index = i;
    visit(nodes[i]!);
  }
  run.index = outer;
}

/** `input.where(criteria)`. */
export function whereOperation(input: Operation, criteria: Ast, scope: Scope): Operation {
  const test = scope.compileOn(criteria, input.shapes);
  return ofItems(
    (focus, run) => {
      const nodes = input.items(focus, run);
      if (nodes.length === 0) return NONE;
      const found: Node[] = [];
      forEach(nodes, run, (node) => {
        if (test.truth(node, run) === true) found.push(node);
      });
      return found;
    },
    input.shapes,
    input.ordered,
  );
}

const where: PathFunction = {
  min: 1,
  max: 1,
  compile: (input, [criteria], scope) => whereOperation(input, criteria!, scope),
};

const select: PathFunction = {
  min: 1,
  max: 1,
  compile(input, [projection], scope) {
    const project = scope.compileOn(projection!, input.shapes);
    return ofItems(
      (focus, run) => {
        const made: Node[] = [];
        forEach(input.items(focus, run), run, (node) => {
          for (const item of project.items(node, run)) made.push(item);
        });
        run.spend(made.length);
        return made;
      },
      project.shapes,
      input.ordered && project.ordered,
    );
  },
};

const repeat: PathFunction = {
  min: 1,
  max: 1,
  compile(input, [projection], scope) {
    // What it finds is what it goes on with: of any type.
    const project = scope.compileOn(projection!, undefined);
    return ofItems((focus, run) => {
      const found: Node[] = [];
      const seen = new Set<unknown>();
      let level: Nodes = input.items(focus, run);
      while (level.length > 0) {
        const next: Node[] = [];
        forEach(level, run, (node) => {
          for (const item of project.items(node, run)) {
            // Two elements are the same where they stand in the same place, and are not looked into to find out.
            const identity = objectOf(item) ?? keyOf(item, run);
            if (seen.has(identity)) continue;
            seen.add(identity);
            next.push(item);
          }
        });
        for (const item of next) found.push(item);
        level = next;
      }
      return found;
    });
  },
};

const aggregate: PathFunction = {
  min: 1,
  max: 2,
  compile(input, [aggregator, start], scope) {
    const step = scope.compileOn(aggregator!, input.shapes);
    const first = start && scope.compile(start);
    return ofItems((focus, run) => {
      const nodes = input.items(focus, run);
      const outer = run.total;
      let total = first?.items(focus, run) ?? NONE;
      forEach(nodes, run, (node) => {
        run.total = total;
        total = step.items(node, run);
        run.spend(total.length);
      });
      run.total = outer;
      return total;
    });
  },
};

const iif: PathFunction = {
  min: 2,
  max: 3,
  compile(input, [criterion, then, otherwise], scope) {
    const test = scope.compileOn(criterion!, input.shapes);
    const yes = scope.compileOn(then!, input.shapes);
    const no = otherwise && scope.compileOn(otherwise, input.shapes);
    return ofItems((focus, run) => {
      const only = single(input.items(focus, run), 'iif()');
      const on = only ?? NOTHING;
      const truth = single(test.items(on, run), 'iif()');
      if (truth && truth.shape.system !== 'Boolean') {
        throw new PathEvaluationError('iif() takes a boolean as its criterion');
      }
      if (truth?.value === true) return yes.items(on, run);
      return no?.items(on, run) ?? NONE;
    });
  },
};

const ofType: PathFunction = {
  min: 1,
  max: 1,
  compile(input, [argument], scope) {
    const type = typeNameOf(argument);
    checkTypeName(type, scope.model.shapes);
    const shape = type.namespace === 'System' ? undefined : scope.model.shapes.type(type.name);
    return ofItems(
      (focus, run) => input.items(focus, run).filter((node) => isAsType(node, type)),
      shape && [shape],
      input.ordered,
    );
  },
};

/** `is(Type)` and `as(Type)`, as functions. */
const is: PathFunction = {
  min: 1,
  max: 1,
  compile: (input, [argument], scope) => isOperation(input, typeNameOf(argument), scope),
};
const as: PathFunction = {
  min: 1,
  max: 1,
  compile: (input, [argument], scope) => asOperation(input, typeNameOf(argument), scope),
};

const trace: PathFunction = {
  min: 1,
  max: 2,
  compile(input, [name, projection], scope) {
    const label = scope.compile(name!);
    const project = projection && scope.compileOn(projection, input.shapes);
    const items = (focus: Node, run: Run): Nodes => {
      const nodes = input.items(focus, run);
      const shown = project ? nodes.flatMap((node) => project.items(node, run)) : nodes;
      const text = single(label.items(focus, run), 'trace()');
      const values = shown.map(({ shape, value }) => ({ type: shape.name, value }));
      run.ports.trace?.(String(text && valueOf(text)), values);
      return nodes;
    };
    return ofItems(items, input.shapes, input.ordered);
  },
};

/** http://hl7.org/fhirpath/N1/#filtering-and-projection, with `aggregate`, `iif` and `trace` */
export const FILTERING: PathFunctions = { where, select, repeat, aggregate, iif, ofType, is, as, trace };
