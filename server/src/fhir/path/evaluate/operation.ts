import { PathEvaluationError } from '../errors.ts';
import { NONE, type Node, type Nodes } from './nodes.ts';
import type { Run } from './run.ts';
import type { Shape } from './shape.ts';
import { SYSTEM } from './shapes.ts';

/** A compiled part of an expression. */
export interface Operation {
  /** The collection that it makes of a focus. */
  items(focus: Node, run: Run): Nodes;
  /** The same as a boolean (http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections); undefined for an empty one. */
  truth(focus: Node, run: Run): boolean | undefined;
  /** Whether the collection has items. */
  exists(focus: Node, run: Run): boolean;
  /** The types that items can be of, as far as the expression tells; undefined: any. */
  readonly shapes: readonly Shape[] | undefined;
  /** False where the order of the items means nothing. */
  readonly ordered: boolean;
  /** What it makes, where that does not depend on anything. */
  readonly constant?: Nodes;
}

const TRUE: Nodes = [node(true, SYSTEM.Boolean)];
const FALSE: Nodes = [node(false, SYSTEM.Boolean)];

function node(value: unknown, shape: Shape): Node {
  return { value, shape, companion: undefined, parent: undefined, property: '', index: -1 };
}

/** An operation that makes a collection. */
export function ofItems(
  items: (focus: Node, run: Run) => Nodes,
  shapes?: readonly Shape[],
  ordered = true,
): Operation {
  return {
    items,
    truth: (focus, run) => truthOf(items(focus, run)),
    exists: (focus, run) => items(focus, run).length > 0,
    shapes,
    ordered,
  };
}

/** An operation that makes a boolean, or nothing. */
export function ofTruth(truth: (focus: Node, run: Run) => boolean | undefined): Operation {
  return {
    items: (focus, run) => booleans(truth(focus, run)),
    truth,
    exists: (focus, run) => truth(focus, run) !== undefined,
    shapes: [SYSTEM.Boolean],
    ordered: true,
  };
}

export function booleans(truth: boolean | undefined): Nodes {
  if (truth === undefined) return NONE;
  return truth ? TRUE : FALSE;
}

/**
 * @returns undefined for none
 * @throws PathEvaluationError when there are several
 */
export function single(nodes: Nodes, what: string): Node | undefined {
  if (nodes.length > 1)
    throw new PathEvaluationError(`${what} takes one value, and there are ${nodes.length}`);
  return nodes[0];
}

/** One value of any other type counts as true. */
export function truthOf(nodes: Nodes): boolean | undefined {
  const only = single(nodes, 'a condition');
  if (only === undefined) return undefined;
  if (only.shape.system !== 'Boolean') return true;
  return typeof only.value === 'boolean' ? only.value : undefined;
}
