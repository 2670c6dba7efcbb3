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
 * type (`Location?partof:below=`) follows itself; another one (`Procedure?location:below=`) the `partOf` of the type
 * that it refers to.
 *
 * @throws SearchFault when there is no hierarchy to follow, or several
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
  const named = new Set(references.map(({ value }) => /^([A-Za-z]+)\/[^/]+/.exec(value)?.[1]));
  const chosen = all.length === 1 ? all : all.filter((hierarchy) => named.has(hierarchy.type));
  const only = chosen.length === 1 ? chosen[0] : undefined;
  if (!only || [...named].some((name) => name !== undefined && name !== only.type)) {
    throw refused(
      `':${direction}' of '${parameter.code}' follows the hierarchy of one type: name it in the values, as Type/id, of ${typeList(all.map((hierarchy) => hierarchy.type))}.`,
    );
  }
  requireSupport(context, only.type, only.by);
  return { kind: 'reference-hierarchy', direction, type: only.type, by: only.by, references, parameter };
}

function hierarchies(
  context: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
): Hierarchy[] {
  const targets = parameter.target ?? context.definitions.resourceTypes;
  // What may refer to anything (`Task.focus`) may refer to its own type, but makes no tree of it.
  const isAny = targets.length > context.definitions.resourceTypes.length / 2;
  if (targets.includes(type) && !isAny) return [{ type, by: parameter }];
  return targets.flatMap((target) => {
    const by = context.definitions
      .searchParameters(target)
      .find(
        (p) => p.type === 'reference' && p.expression === `${target}.partOf` && p.target?.includes(target),
      );
    return by ? [{ type: target, by }] : [];
  });
}
