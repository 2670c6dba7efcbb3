import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Step } from './filterGrammar.ts';
import { createSelect, type Select } from './paths.ts';
import { createValues, type Values } from './values.ts';
import type { Stored, World } from './world.ts';

/** What every part of the evaluator needs. */
export interface Context {
  world: World;
  definitions: Definitions;
  values: Values;
  /** Milliseconds since 1970 UTC. */
  now: number;
  /** Whether a chained condition is evaluated inside contained resources, too, as R4 wants of all (search.html#contained). */
  looksInside: (chain: Chain) => boolean;
}

/** The last step of a chain, and what it asks. */
export interface Chain {
  /** Type and parameter that refer. */
  type: string;
  parameter: SearchParameterDefinition;
  target: string;
  /** What is asked of the target: a parameter with its modifier, or what a filter asks. */
  rest: string | { path: readonly Step[]; operator: string };
}

/** Whether a resource is what is asked for. */
export type Test = (one: Stored) => boolean;

export function createContext(
  world: World,
  definitions: Definitions,
  now: number,
  {
    select = createSelect(),
    looksInside = () => true,
  }: { select?: Select; looksInside?: Context['looksInside'] } = {},
): Context {
  return { world, definitions, values: createValues(world, definitions, select), now, looksInside };
}
