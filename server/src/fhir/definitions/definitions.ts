import { compartmentOf } from './compartments.ts';
import type { DefinitionsData } from './data.ts';
import { withEmbedded } from './embedded.ts';
import type { Definitions, SearchParameterDefinition, TypeDefinition } from './types.ts';

/** Indexes compiled definitions for look-up. What concerns one resource type is gathered when it is first asked for. */
export function createDefinitions(data: DefinitionsData): Definitions {
  const { administration } = data;
  const types = new Map([...data.types, ...administration.types].map((type) => [type.name, type]));
  const resourceTypes = concreteResourceTypes(data.types);
  const administrativeTypes = new Set(concreteResourceTypes(administration.types));
  const resourceTypeSet = administrativeTypes.union(new Set(resourceTypes));
  const parameters = [...withEmbedded(data.searchParameters), ...administration.searchParameters];
  const byBase = groupByBase(parameters);
  const byUrl = new Map(parameters.map((parameter) => [parameter.url, parameter]));
  const byCodeOfType = new Map<string, Map<string, SearchParameterDefinition>>();
  const listOfType = new Map<string, readonly SearchParameterDefinition[]>();

  const codeSets = new Map(Object.entries(data.codeSets));
  const extensions = new Map(Object.entries(data.extensions));

  function parametersByCode(resourceType: string): Map<string, SearchParameterDefinition> {
    let byCode = byCodeOfType.get(resourceType);
    if (!byCode) {
      byCode = new Map();
      for (const base of resourceTypeSet.has(resourceType) ? ancestry(types, resourceType) : []) {
        for (const parameter of byBase.get(base) ?? []) byCode.set(parameter.code, parameter);
      }
      // Only known types are kept: names come from clients, and the map must not grow with them.
      if (resourceTypeSet.has(resourceType)) byCodeOfType.set(resourceType, byCode);
    }
    return byCode;
  }

  function searchParameters(resourceType: string): readonly SearchParameterDefinition[] {
    let list = listOfType.get(resourceType);
    if (!list) {
      list = [...parametersByCode(resourceType).values()];
      if (resourceTypeSet.has(resourceType)) listOfType.set(resourceType, list);
    }
    return list;
  }

  return {
    fhirVersion: data.fhirVersion,
    resourceTypes,
    isAdministrative: (name) => administrativeTypes.has(name),
    isResourceType: (name) => resourceTypeSet.has(name),
    type: (name) => types.get(name),
    searchParameters,
    searchParameter: (resourceType, code) => parametersByCode(resourceType).get(code),
    searchParameterByUrl: (url) => byUrl.get(url),
    codes: (url) => codeSets.get(url),
    extension: (url) => extensions.get(url),
    compartment: compartmentOf,
  };
}

function concreteResourceTypes(types: readonly TypeDefinition[]): readonly string[] {
  return types
    .filter((type) => type.kind === 'resource' && !type.abstract)
    .map((type) => type.name)
    .sort();
}

/** A type's ancestors and itself, root first, so that what is more specific comes last and wins. */
function ancestry(types: ReadonlyMap<string, TypeDefinition>, name: string): string[] {
  const names: string[] = [];
  for (let type = types.get(name); type; type = type.base ? types.get(type.base) : undefined) {
    names.unshift(type.name);
  }
  return names;
}

function groupByBase(
  parameters: readonly SearchParameterDefinition[],
): ReadonlyMap<string, SearchParameterDefinition[]> {
  const groups = new Map<string, SearchParameterDefinition[]>();
  for (const parameter of parameters) {
    for (const base of parameter.base) {
      const group = groups.get(base);
      if (group) group.push(parameter);
      else groups.set(base, [parameter]);
    }
  }
  return groups;
}
