import { distinct, negated } from '../binary.ts';
import { keyOf } from '../equality.ts';
import type { Nodes } from '../nodes.ts';
import { ofItems, ofTruth, truthOf } from '../operation.ts';
import type { Run } from '../run.ts';
import type { PathFunction, PathFunctions } from '../scope.ts';
import { SYSTEM } from '../shapes.ts';
import { nodesOf } from '../values/values.ts';
import { ofInput, ofTest, unfit } from './define.ts';
import { whereOperation } from './filtering.ts';

const exists: PathFunction = {
  min: 0,
  max: 1,
  compile(input, [criteria], scope) {
    const found = criteria === undefined ? input : whereOperation(input, criteria, scope);
    return ofTruth((focus, run) => found.exists(focus, run));
  },
};

const empty: PathFunction = {
  min: 0,
  max: 0,
  compile: (input) => ofTruth((focus, run) => !input.exists(focus, run)),
};

const not: PathFunction = {
  min: 0,
  max: 0,
  compile: (input) => ofTruth((focus, run) => negated(input.truth(focus, run))),
};

const all: PathFunction = {
  min: 1,
  max: 1,
  compile(input, [criteria], scope) {
    const test = scope.compileOn(criteria!, input.shapes);
    return ofTruth((focus, run) => {
      const outer = run.index;
      const result = input.items(focus, run).every((node, index) => {
        run.spend(1);
        run.index = index;
        return test.truth(node, run) === true;
      });
      run.index = outer;
      return result;
    });
  },
};

const count: PathFunction = {
  min: 0,
  max: 0,
  compile: (input) => ofItems((focus, run) => nodesOf(input.items(focus, run).length), [SYSTEM.Integer]),
};

/** @throws PathEvaluationError where an item is no boolean */
function booleansOf(nodes: Nodes): (boolean | undefined)[] {
  return nodes.map((node) => {
    if (node.shape.system !== 'Boolean') throw unfit(node);
    return truthOf([node]);
  });
}

function isSubset(part: Nodes, whole: Nodes, run: Run): boolean {
  const keys = new Set(whole.map((node) => keyOf(node, run)));
  return part.every((node) => keys.has(keyOf(node, run)));
}

/** http://hl7.org/fhirpath/N1/#existence */
export const EXISTENCE: PathFunctions = {
  exists,
  empty,
  not,
  all,
  count,
  allTrue: ofTest(0, (input) => booleansOf(input).every((value) => value === true)),
  anyTrue: ofTest(0, (input) => booleansOf(input).some((value) => value === true)),
  allFalse: ofTest(0, (input) => booleansOf(input).every((value) => value === false)),
  anyFalse: ofTest(0, (input) => booleansOf(input).some((value) => value === false)),
  subsetOf: ofTest(1, (input, [other = []], run) => isSubset(input, other, run)),
  supersetOf: ofTest(1, (input, [other = []], run) => isSubset(other, input, run)),
  distinct: ofInput(distinct),
  isDistinct: ofTest(0, (input, _args, run) => distinct(input, run).length === input.length),
};
