import { compileWalk, type WalkPath } from '../../fhir/path/compileWalk.ts';
import { PathEvaluationError, type PathEngine, type PathProgram } from '../../fhir/path/engine.ts';
import type { PathBranch } from '../../fhir/path/branches.ts';
import { isAffordable, isPlain, pathCost, sizeOf } from '../../fhir/path/pathCost.ts';
import type { ResolvedPath } from '../../fhir/path/resolvePath.ts';
import { compositeVisit } from './emitComposite.ts';
import { slotVisit } from './emit.ts';
import { type SinkVisit, type Tools } from './emitTools.ts';
import type { TypePlan } from './plan.ts';
import type { Sink } from './sink.ts';
import type { Slot } from './slot.ts';
import { withoutStamps } from './stamps.ts';
import { canRead } from './values/canRead.ts';
import { asObject } from './values/json.ts';

/** Fills a sink with the rows of a resource. */
export type Extractor = (resource: unknown, sink: Sink) => void;

/**
 * Compiles a type's plan: one generated function for all the paths that can be generated, and a program of the
 * FHIRPath engine for each other one (for all of them when `interpreted`).
 */
export function compileExtractor(
  plan: TypePlan,
  tools: Tools,
  engine: () => PathEngine,
  interpreted: boolean,
): Extractor {
  const walked: WalkPath<Sink>[] = [];
  const others: Extractor[] = [];
  for (const slot of plan.slots) {
    const visitOf = (type: string) =>
      slot.added && !canRead(slot.kind, type) ? ignore : slotVisit(slot, type, tools);
    if (interpreted || !slot.resolved)
      others.push(tolerant(slot, engineExtractor(plan, slot.branch, engine, visitOf)));
    else if (slot.branch.existsUnlessFalse) others.push(existsUnlessFalse(slot.resolved, visitOf('boolean')));
    else walked.push(...walkPaths(slot.resolved, visitOf));
  }
  for (const context of plan.contexts) {
    const visit = compositeVisit(context, tools, {
      engine,
      always: interpreted,
      resourceType: plan.resourceType,
    });
    const visitOf = () => visit;
    if (interpreted || !context.resolved) others.push(engineExtractor(plan, context.branch, engine, visitOf));
    else walked.push(...walkPaths(context.resolved, visitOf));
  }
  const walk = compileWalk(walked);
  return (resource, sink) => {
    walk(resource, sink);
    for (const extract of others) extract(resource, sink);
  };
}

const ignore: SinkVisit = () => undefined;

/**
 * Of a parameter added at run time, an expression that cannot be evaluated on a resource (it asks for one value where
 * there are several, or comes to too much) has no value there: it must not keep the resource from being stored. It
 * may look anywhere (`descendants()`), so that what only the store knows is kept from it.
 */
function tolerant({ added, branch }: Slot, extract: Extractor): Extractor {
  if (!added) return extract;
  const cost = pathCost(branch.text);
  return (stamped, sink) => {
    const resource = withoutStamps(stamped);
    if (!isPlain(cost) && !isAffordable(cost, sizeOf(resource))) return;
    try {
      extract(resource, sink);
    } catch (error) {
      if (!(error instanceof PathEvaluationError)) throw error;
    }
  };
}

function walkPaths(
  resolved: readonly ResolvedPath[],
  visitOf: (type: string) => SinkVisit,
): WalkPath<Sink>[] {
  return resolved.map(({ hops, type }) => ({ hops, visit: visitOf(type) }));
}

/** `path.exists() and path != false`, which always has a value. */
function existsUnlessFalse(resolved: readonly ResolvedPath[], visit: SinkVisit): Extractor {
  const walk = compileWalk<unknown[]>(
    resolved.map(({ hops }) => ({ hops, visit: (value, found) => void found.push(value) })),
  );
  return (resource, sink) => {
    const found: unknown[] = [];
    walk(resource, found);
    visit(found.length > 0 && found[0] !== false, sink);
  };
}

function engineExtractor(
  plan: TypePlan,
  branch: PathBranch,
  engine: () => PathEngine,
  visitOf: (type: string) => SinkVisit,
): Extractor {
  const visits = new Map<string, SinkVisit>();
  let program: PathProgram | undefined;
  return (resource, sink) => {
    program ??= engine().compile(engineText(plan.resourceType, branch));
    for (const { type: found, value } of program(resource)) {
      if (value === null) continue;
      const type = asObject(value)?.['resourceType'] === found ? 'Resource' : found;
      let visit = visits.get(type);
      if (!visit) visits.set(type, (visit = visitOf(type)));
      visit(value, sink);
    }
  };
}

/** The engine knows a path's start by the resource's own type only, not by `Resource`. */
export function engineText(resourceType: string, branch: PathBranch): string {
  const root = branch.path?.root;
  if (root === undefined || branch.existsUnlessFalse) return branch.text;
  return resourceType + branch.text.slice(root.length);
}
