import { concreteBases } from '../../fhir/definitions/addParameters.ts';
import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { createPathEngine, type PathEngine } from '../../fhir/path/engine.ts';
import { pathTokens } from '../../fhir/path/functionCalls.ts';
import { PATH_DESCENTS_MAX, PATH_GROWTH_MAX, pathCost } from '../../fhir/path/pathCost.ts';
import type { ResolvedPath } from '../../fhir/path/resolvePath.ts';
import type { CompositeContext, CompositePath } from '../index/compositePlan.ts';
import { engineText } from '../index/extractor.ts';
import { createIndexer } from '../index/indexer.ts';
import { createKeyHasher } from '../index/keys.ts';
import { planType, type ParameterPlan } from '../index/plan.ts';
import type { Slot, SlotKind } from '../index/slot.ts';
import { isStampName, leadsToStamp } from '../index/stamps.ts';
import { canRead } from '../index/values/canRead.ts';
import { strangeFunction } from './pathFunctions.ts';

/** Environment that the index does not have, or that is not of the resource. */
const STRANGE_VARIABLE = /%(?!resource\b|ucum\b|sct\b|loinc\b)[\w`'"-]*/;

/** Any: nothing of it is kept. */
const SECRET = new Uint8Array(16);

/**
 * Why the expression of a search parameter cannot be indexed, as a sentence; undefined when it can. Tries it on every
 * type that the parameter has.
 *
 * @param definitions that also know the parts of a composite
 */
export function pathFault(
  definitions: Definitions,
  parameter: SearchParameterDefinition,
): string | undefined {
  const part = parameter.component?.find(({ definition }) => !definitions.searchParameterByUrl(definition));
  if (part) return `Its component ${part.definition} is no search parameter that is used here.`;
  const types = concreteBases(definitions, parameter.base);
  if (types.length === 0) return 'Its base names no type that resources can have.';
  const alone = only(definitions, parameter);
  const hasher = createKeyHasher(SECRET);
  const indexer = createIndexer(alone, SECRET);
  let engine: PathEngine | undefined;
  const engineOf = () => (engine ??= createPathEngine());
  for (const type of types) {
    try {
      const plan = planType(alone, hasher, type).parameters.get(parameter.code);
      if (!plan) return `Its code ${parameter.code} cannot be used: choose another one.`;
      const fault = planFault(type, plan, parameter, engineOf);
      if (fault !== undefined) return fault;
      indexer.index({ resourceType: type });
    } catch (error) {
      return `Its expression cannot be indexed on ${type}: ${(error as Error).message || 'it is no FHIRPath'}.`;
    }
  }
  return undefined;
}

function only(definitions: Definitions, parameter: SearchParameterDefinition): Definitions {
  // As added, so that what its expression reaches besides what it can search by is left out.
  const added = { ...parameter, added: { resource: '', revision: 0 } };
  return {
    ...definitions,
    searchParameters: () => [added],
    searchParameterByUrl: definitions.searchParameterByUrl,
  };
}

function planFault(
  type: string,
  { slots, contexts }: ParameterPlan,
  parameter: SearchParameterDefinition,
  engine: () => PathEngine,
): string | undefined {
  if (slots.length + contexts.length === 0) return `Its expression says nothing about its base ${type}.`;
  for (const { slot } of slots) {
    const fault = slotFault(type, slot, parameter.type, engine);
    if (fault !== undefined) return fault;
  }
  for (const context of contexts) {
    const fault = contextFault(type, context);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function slotFault(type: string, slot: Slot, kind: string, engine: () => PathEngine): string | undefined {
  const { resolved, branch } = slot;
  if (resolved) {
    if (resolved.some(({ hops }) => leadsToStamp(hops))) return stampFault(branch.text);
    return readable(slot.kind, resolved, kind, branch.text);
  }
  if (branch.path && !branch.existsUnlessFalse && branch.path.steps.every((step) => step.kind !== 'item')) {
    return `${branch.text} names an element that ${type} does not have, or a type that it cannot be.`;
  }
  return engineFault(type, branch, engine);
}

/** An expression that nothing is wrong with can be evaluated on a resource without elements. */
function engineFault(type: string, branch: Slot['branch'], engine: () => PathEngine): string | undefined {
  const name = strangeFunction(branch.text);
  if (name !== undefined) {
    return `${branch.text} uses ${name}(), which FHIRPath does not have, or which depends on more than the resource, or may take too long.`;
  }
  const variable = STRANGE_VARIABLE.exec(branch.text.replace(/'[^']*'/g, ''))?.[0];
  if (variable !== undefined) return `${branch.text} uses ${variable}, which the index does not have.`;
  if (pathTokens(branch.text).some(isStampName)) return stampFault(branch.text);
  const costly = costFault(branch.text);
  if (costly !== undefined) return costly;
  try {
    engine().compile(engineText(type, branch))({ resourceType: type });
    return undefined;
  } catch (error) {
    const { cause } = error as { cause?: { message?: unknown } };
    return `${branch.text} is no FHIRPath${cause ? `: ${String(cause.message)}` : ''}.`;
  }
}

const stampFault = (text: string): string =>
  `${text} is of what the store writes into each version, which nobody knows when it is indexed: search by _lastUpdated.`;

/** What could make so much of a small resource that it would be evaluated on hardly any. */
function costFault(text: string): string | undefined {
  if (makesInstances(text)) return `${text} makes instances of types, and an index is of what is there.`;
  const { growth, descents } = pathCost(text);
  if (descents > PATH_DESCENTS_MAX)
    return `${text} calls descendants() more than ${PATH_DESCENTS_MAX} times: give the path instead.`;
  if (growth <= PATH_GROWTH_MAX) return undefined;
  return `${text} may make too much of a resource: use fewer of select() and iif() with |, &, + or combine() in them, and join() and replace() with short literals only.`;
}

function makesInstances(text: string): boolean {
  const tokens = pathTokens(text);
  return tokens.some((token, i) => token === '{' && tokens[i + 1] !== '}');
}

function readable(
  kind: SlotKind,
  resolved: readonly ResolvedPath[],
  name: string,
  text: string,
): string | undefined {
  const types = resolved.map((path) => path.type);
  if (types.some((type) => canRead(kind, type))) return undefined;
  return `${text} leads to ${[...new Set(types)].join(', ')}, which a ${name} parameter cannot search.`;
}

function isStamp(context: readonly ResolvedPath[], { fromResource, resolved = [] }: CompositePath): boolean {
  const starts = fromResource ? [[]] : context.map(({ hops }) => hops);
  return starts.some((start) => resolved.some(({ hops }) => leadsToStamp([...start, ...hops])));
}

/** Parts of added composites must be simple paths: an engine for each part of each resource would take too long. */
function contextFault(type: string, { resolved, parts, branch }: CompositeContext): string | undefined {
  const unresolved = (text: string) =>
    `${text} of the composite must be a path of elements that ${type} has, each with ofType, as, where(element = 'text') or extension('url') at the most.`;
  if (!resolved) return unresolved(branch.text);
  for (const part of parts) {
    const paths = part.paths.flatMap((path) => path.resolved ?? []);
    const strange = part.paths.find((path) => !path.resolved);
    if (strange) return unresolved(strange.branch.text);
    const stamp = part.paths.find((path) => isStamp(resolved, path));
    if (stamp) return stampFault(stamp.branch.text);
    const fault = readable(part.kind, paths, part.kind, part.paths[0]?.branch.text ?? branch.text);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
