import type { Definitions } from '../../definitions/types.ts';
import { createUnitConverter } from '../../units/units.ts';
import { PathSyntaxError } from '../errors.ts';
import { parsePath } from '../parse/parse.ts';
import { Compiler } from './compile.ts';
import { isObject, Node, type Nodes } from './nodes.ts';
import type { Operation } from './operation.ts';
import { Patterns } from './pattern/patterns.ts';
import { EVALUATION_STEPS_MAX, Run, type PathModel, type PathPorts, type StepBudget } from './run.ts';
import type { Shape } from './shape.ts';
import { Shapes } from './shapes.ts';

/** What expressions on one set of definitions share: make it once. */
export function createPathModel(definitions: Definitions): PathModel {
  return { shapes: new Shapes(definitions), units: createUnitConverter(), patterns: new Patterns() };
}

export interface ExpressionOptions {
  model: PathModel;
  /** What the expression is evaluated on: the name of a type, or the path of an element (`Patient.contact`). */
  type?: string;
  /** Whether an expression is refused that names what the types do not have. */
  strict?: boolean;
  /** Whether `as` takes several values, otherwise an error, and primitives by FHIRPath's names of types, as expressions of R4 have it. */
  asFilters?: boolean;
}

/** What an evaluation may use, and be. */
export interface EvaluationContext {
  /** `%resource` and `%rootResource`, with their JSON; absent: what it is evaluated on. */
  resource?: unknown;
  rootResource?: unknown;
  /** Further variables, by name without `%`. */
  variables?: ReadonlyMap<string, Nodes>;
  ports?: PathPorts;
  /** Default: EVALUATION_STEPS_MAX. */
  budget?: StepBudget;
}

const NO_PORTS: PathPorts = {};
const NO_VARIABLES: ReadonlyMap<string, Nodes> = new Map();

/** An expression that can be evaluated any number of times. */
export class CompiledExpression {
  readonly #operation: Operation;
  readonly #model: PathModel;
  readonly #shape: Shape | undefined;

  constructor(operation: Operation, model: PathModel, shape: Shape | undefined) {
    this.#operation = operation;
    this.#model = model;
    this.#shape = shape;
  }

  /**
   * What it makes of a value.
   *
   * @throws PathEvaluationError
   */
  evaluate(value: unknown, context: EvaluationContext = {}): Nodes {
    const node = this.#node(value);
    return this.#operation.items(node, this.#run(node, context));
  }

  /**
   * Whether it holds; undefined where its result is empty.
   *
   * @param companion of a primitive value: its id and extensions
   * @throws PathEvaluationError
   */
  test(value: unknown, context: EvaluationContext = {}, companion?: unknown): boolean | undefined {
    const node = this.#node(value, companion);
    return this.#operation.truth(node, this.#run(node, context));
  }

  #node(value: unknown, companion?: unknown): Node {
    const { shapes } = this.#model;
    const shape = shapes.of(this.#shape ?? shapes.type('Resource')!, value);
    // Of a primitive without a value, what stands beside it may be all that there is.
    if (shape.isPrimitive && isObject(value) && !('rawJSON' in value)) {
      return new Node(undefined, shape, value);
    }
    return new Node(value ?? undefined, shape, companion);
  }

  #run(node: Node, { resource, rootResource, variables, ports, budget }: EvaluationContext): Run {
    return new Run(
      this.#model,
      ports ?? NO_PORTS,
      node,
      resource,
      rootResource,
      variables ?? NO_VARIABLES,
      budget ?? { left: EVALUATION_STEPS_MAX },
    );
  }
}

/**
 * Compiles FHIRPath (http://hl7.org/fhirpath/N1/) as FHIR R4 uses it (http://hl7.org/fhir/R4/fhirpath.html).
 *
 * @throws PathSyntaxError for what is no FHIRPath, and for a type that is not defined
 */
export function compileExpression(text: string, options: ExpressionOptions): CompiledExpression {
  const { model, type, strict = false, asFilters = false } = options;
  const shape = type === undefined ? undefined : model.shapes.at(type);
  if (type !== undefined && !shape) throw new PathSyntaxError(`there is no type ${type}`);
  const focus = shape && !shape.isAnyResource ? [shape] : undefined;
  const compiler = new Compiler(model, focus, { strict, asFilters });
  return new CompiledExpression(compiler.compile(parsePath(text)), model, shape);
}
