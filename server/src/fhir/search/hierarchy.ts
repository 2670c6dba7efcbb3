import type { SearchParameterDefinition } from '../definitions/types.ts';
import type { Condition, ReferenceValue } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { refused, unknown } from './faults.ts';
import { requireSupport } from './parameters.ts';
import { typeList } from './typeList.ts';

/** The reference that makes a tree of the resources of a type. */
interface Hierarchy {
  type: string;
  by: SearchParameterDefinition;
}

/**
 * `:above` and `:below` of references (http://hl7.org/fhir/R4/search.html#recursive). A parameter that refers to its own
 * type (`Location?partof:below=`) follows itself; to another type (`Procedure?location:below=`), the `partOf` of that.
 * Values with a type choose; without one the parameter's own type is meant, or the only one that has a hierarchy.
 *
 * @throws SearchFault when there is no hierarchy to follow, or none that all values agree on
 */
export function hierarchyCondition(
  context: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
  direction: 'above' | 'below',
  references: ReferenceValue[],
): Condition {
  const all = hierarchies(context, type, parameter);
  if (all.length === 0) {
    throw unknown(
      `':${direction}' needs references that make a hierarchy, and those of '${parameter.code}' of ${type} make none.`,
    );
  }
  const named = new Set(references.flatMap((reference) => typeOf(context, reference) ?? []));
  const isOwn = all[0]!.by === parameter;
  const meant =
    named.size > 0 ? all.filter((hierarchy) => named.has(hierarchy.type)) : isOwn ? [all[0]!] : all;
  const [only] = meant;
  if (!only || meant.length > 1 || named.size > 1) {
    throw refused(
      `':${direction}' of '${parameter.code}' follows the hierarchy of one type: name it in the values, as Type/id, of ${typeList(all.map((hierarchy) => hierarchy.type))}.`,
    );
  }
  requireSupport(context, only.type, only.by);
  return { kind: 'reference-hierarchy', direction, type: only.type, by: only.by, references, parameter };
}

/** The type that a value names: by the modifier, in `Type/id`, or at the end of a URL. */
function typeOf(context: SearchContext, { value, targetType }: ReferenceValue): string | undefined {
  const named = targetType ?? /(?:^|\/)([A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(value)?.[1];
  return named !== undefined && context.definitions.isResourceType(named) ? named : undefined;
}

/** The parameter's own type, if it refers to it, comes first. */
export function hierarchies(
  context: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
): Hierarchy[] {
  const targets = parameter.target ?? context.definitions.resourceTypes;
  const own = targets.includes(type) ? [{ type, by: parameter }] : [];
  const others = targets.flatMap((target) => {
    const by = target === type ? undefined : partOf(context, target);
    return by ? [{ type: target, by }] : [];
  });
  return [...own, ...others];
}

function partOf(context: SearchContext, type: string): SearchParameterDefinition | undefined {
  return context.definitions
    .searchParameters(type)
    .find((p) => p.type === 'reference' && p.expression === `${type}.partOf` && p.target?.includes(type));
}
