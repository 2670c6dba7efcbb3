import type { ResolvedPath } from '../../fhir/path/resolvePath.ts';
import type { TypePlan } from './plan.ts';

/** What rows are made with whatever the parameters: whose they are, and what `#id` leads to. */
const ALWAYS = ['resourceType', 'id', 'contained'];

/**
 * Elements that the paths of a plan begin with; undefined where one may look at all: what is for the FHIRPath engine, and composites
 * with rows of their own, whose parts may be.
 */
export function membersOf({ slots, contexts }: TypePlan): ReadonlySet<string> | undefined {
  if (contexts.length > 0) return undefined;
  const members = new Set(ALWAYS);
  for (const { resolved } of slots) if (!resolved || !addFirst(resolved, members)) return undefined;
  return members;
}

/** Adds the elements that the paths begin with. @returns false where a path may look at all */
export function addFirst(paths: readonly ResolvedPath[], members: Set<string>): boolean {
  for (const { hops } of paths) {
    const [first] = hops;
    if (first?.kind !== 'property') return false;
    members.add(first.name);
  }
  return true;
}
