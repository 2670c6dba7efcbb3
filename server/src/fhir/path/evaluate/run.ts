import type { UnitConverter } from '../../units/units.ts';
import { PathLimitError } from '../errors.ts';
import type { Node, Nodes } from './nodes.ts';
import type { Patterns } from './pattern/patterns.ts';
import type { Shapes } from './shapes.ts';

/** Elements looked at, comparisons made and the like in one evaluation. */
export const EVALUATION_STEPS_MAX = 1_000_000;
/** What converting a unit costs in steps, since its code is read. */
const UNIT_STEPS = 100;
/** Characters of text that cost as much as one step. */
const CHARS_PER_STEP = 16;

/** What evaluation asks of others; where one is absent, the function that needs it cannot be evaluated. */
export interface PathPorts {
  /** The resource that a reference leads to, with its JSON; undefined when it cannot be found at once. */
  resolve?(reference: string): unknown;
  /** Whether a code is in a value set; undefined: not known. The value is that of a code, Coding or CodeableConcept. */
  memberOf?(value: unknown, type: string, valueSet: string): boolean | undefined;
  /** Whether a code subsumes another of the same system; undefined: not known. */
  subsumes?(value: unknown, type: string, other: unknown): boolean | undefined;
  /** Whether a resource or element conforms to a profile; undefined: not known. */
  conformsTo?(value: unknown, type: string, profile: string): boolean | undefined;
  /** Takes what `trace()` is given. */
  trace?(name: string, values: readonly { type: string; value: unknown }[]): void;
}

/** What all expressions on one set of definitions share. */
export interface PathModel {
  readonly shapes: Shapes;
  readonly units: UnitConverter;
  readonly patterns: Patterns;
}

/** How many steps are left to one evaluation, or to several together. */
export interface StepBudget {
  left: number;
}

/** One evaluation: what `%resource` and the like are, what `$index` is at the moment, and how many steps are left. */
export class Run {
  readonly model: PathModel;
  readonly ports: PathPorts;
  readonly context: Node;
  readonly variables: ReadonlyMap<string, Nodes>;
  /** `$index` and `$total` of the innermost function that has them. */
  index: number | undefined;
  total: Nodes | undefined;
  readonly #budget: StepBudget;
  readonly #resource: unknown;
  readonly #rootResource: unknown;
  #now: Date | undefined;

  /** @param resource JSON of `%resource` and `%rootResource`; undefined: what is evaluated on */
  constructor(
    model: PathModel,
    ports: PathPorts,
    context: Node,
    resource: unknown,
    rootResource: unknown,
    variables: ReadonlyMap<string, Nodes>,
    budget: StepBudget,
  ) {
    this.model = model;
    this.ports = ports;
    this.context = context;
    this.#resource = resource;
    this.#rootResource = rootResource;
    this.variables = variables;
    this.#budget = budget;
    this.index = undefined;
    this.total = undefined;
  }

  get resource(): Node {
    return this.#resource === undefined ? this.context : this.model.shapes.resource(this.#resource);
  }

  get rootResource(): Node {
    return this.#rootResource === undefined ? this.resource : this.model.shapes.resource(this.#rootResource);
  }

  /** @throws PathLimitError when there are not as many steps left */
  spend(steps: number): void {
    if ((this.#budget.left -= steps) < 0) {
      throw new PathLimitError('evaluating the expression takes too many steps');
    }
  }

  /** Spends what making or reading a text costs. */
  spendText(chars: number): void {
    this.spend(1 + Math.floor(chars / CHARS_PER_STEP));
  }

  /** Spends what comparing quantities costs. */
  spendUnits(): void {
    this.spend(UNIT_STEPS);
  }

  /** The same moment in all of an evaluation. */
  get now(): Date {
    return (this.#now ??= new Date());
  }
}
