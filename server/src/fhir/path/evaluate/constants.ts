import { PathEvaluationError } from '../errors.ts';
import { NONE, type Node, type Nodes } from './nodes.ts';
import { ofItems, truthOf, type Operation } from './operation.ts';
import type { Run } from './run.ts';
import type { Shape } from './shape.ts';
import { NOTHING } from './shapes.ts';
import { nodeOf, type Value } from './values/values.ts';

const STRUCTURES = 'http://hl7.org/fhir/StructureDefinition/';
const VALUE_SETS = 'http://hl7.org/fhir/ValueSet/';

/** The variables that the specification gives a fixed value (http://hl7.org/fhir/R4/fhirpath.html#variables). */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['ucum', 'http://unitsofmeasure.org'],
  ['sct', 'http://snomed.info/sct'],
  ['loinc', 'http://loinc.org'],
]);

/** The same values whatever the focus is. */
export function constant(values: readonly Value[]): Operation {
  const nodes: Nodes = values.length === 0 ? NONE : values.map(nodeOf);
  return constantOf(nodes);
}

export function constantOf(nodes: Nodes): Operation {
  return {
    items: () => nodes,
    truth: () => truthOf(nodes),
    exists: () => nodes.length > 0,
    shapes: [...new Set(nodes.map(({ shape }) => shape))],
    ordered: true,
    constant: nodes,
  };
}

/** `$this`, and what functions without an input take. */
export function thisOperation(shapes: readonly Shape[] | undefined): Operation {
  const known = shapes?.some(({ isAnyResource }) => isAnyResource) ? undefined : shapes;
  const items = (focus: Node): Nodes => (focus === NOTHING ? NONE : [focus]);
  return { ...ofItems(items, known), exists: (focus) => focus !== NOTHING };
}

/** `%name`. */
export function variableOperation(name: string): Operation {
  if (name === 'context') return ofItems((_, run) => [run.context]);
  if (name === 'resource') return ofItems((_, run) => [run.resource]);
  if (name === 'rootResource') return ofItems((_, run) => [run.rootResource]);
  const fixed = FIXED.get(name) ?? byPrefix(name);
  const given = (_: Node, run: Run): Nodes => {
    const value = run.variables.get(name);
    if (value === undefined) throw new PathEvaluationError(`the variable %${name} has no value here`);
    return value;
  };
  return fixed === undefined ? ofItems(given) : constant([fixed]);
}

function byPrefix(name: string): string | undefined {
  if (name.startsWith('vs-')) return VALUE_SETS + name.slice(3);
  return name.startsWith('ext-') ? STRUCTURES + name.slice(4) : undefined;
}
