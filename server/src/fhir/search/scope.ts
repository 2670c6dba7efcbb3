import { COMPARTMENT_TYPES } from '../definitions/compartments.ts';
import type { Condition } from './ast.ts';
import type { SearchContext, SearchScope } from './contract.ts';
import { type SearchFault, listed, quoted, wrong } from './faults.ts';

/** The types that a search looks at, and what its compartment asks of each. */
export interface SearchTypes {
  /** Alphabetical. */
  types: string[];
  /** They were named: by the path or by `_type`. */
  named: boolean;
  compartment(type: string): Condition | undefined;
}

/**
 * @param named value of `_type`, if it was sent (http://hl7.org/fhir/R4/search.html#type)
 * @throws SearchFault
 */
export function searchTypes(
  context: SearchContext,
  scope: SearchScope,
  named: string | undefined,
): SearchTypes {
  const inScope = scope.compartment ? compartmentTypes(context, scope, scope.compartment.type) : scope.types;
  const types = named === undefined ? inScope : namedTypes(context, scope, inScope, named);
  return {
    types: [...new Set(types)].sort(),
    named: named !== undefined || scope.level === 'type',
    compartment: (type) => scope.compartment && compartmentCondition(context, scope.compartment, type),
  };
}

function namedTypes(
  context: SearchContext,
  scope: SearchScope,
  inScope: readonly string[],
  value: string,
): string[] {
  const types = value.split(',');
  for (const type of types) {
    if (!context.definitions.isResourceType(type)) {
      throw wrong(
        `_type names ${quoted(type)}, which is no resource type of R4: write types separated by commas.`,
      );
    }
    if (inScope.includes(type)) continue;
    throw scope.compartment && scope.types.includes(type)
      ? notInCompartment(scope.compartment.type, type)
      : wrong(`_type names ${type}, which cannot be searched here.`);
  }
  return types;
}

function compartmentTypes(context: SearchContext, scope: SearchScope, compartmentType: string): string[] {
  const compartment = context.definitions.compartment(compartmentType);
  if (!compartment) {
    throw wrong(
      `${quoted(compartmentType)} has no compartment: there are those of ${listed(COMPARTMENT_TYPES)}.`,
    );
  }
  const types = scope.types.filter((type) => compartment.resource.has(type));
  const [only] = scope.types;
  if (scope.level === 'type' && types.length === 0) throw notInCompartment(compartmentType, only ?? '');
  return types;
}

const notInCompartment = (compartmentType: string, type: string): SearchFault =>
  wrong(
    `${type} is not in the ${compartmentType} compartment: search ${type} itself, with a parameter that refers to ${compartmentType} if it has one.`,
  );

function compartmentCondition(
  context: SearchContext,
  { type: compartmentType, id }: { type: string; id: string },
  type: string,
): Condition {
  const codes = context.definitions.compartment(compartmentType)!.resource.get(type)!;
  const parameters = codes.map((code) => {
    const parameter = context.definitions.searchParameter(type, code);
    if (!parameter) throw new Error(`The ${compartmentType} compartment uses ${type}.${code}, not defined`);
    return parameter;
  });
  return { kind: 'compartment', type: compartmentType, id, parameters, self: type === compartmentType };
}
