import type { Definitions } from '../../../src/fhir/definitions/types.ts';
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
  /** Whether chained conditions are evaluated inside contained resources, too, as R4 wants (search.html#contained). */
  chainsIntoContained: boolean;
}

/** Whether a resource is what is asked for. */
export type Test = (one: Stored) => boolean;

export function createContext(
  world: World,
  definitions: Definitions,
  now: number,
  {
    select = createSelect(),
    chainsIntoContained = true,
  }: { select?: Select; chainsIntoContained?: boolean } = {},
): Context {
  return { world, definitions, values: createValues(world, definitions, select), now, chainsIntoContained };
}
