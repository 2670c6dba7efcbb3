import type { Definitions, SearchParameterDefinition } from './types.ts';

/**
 * Definitions with further search parameters. Types that get none keep their own arrays of parameters.
 *
 * @param usable to be known like FHIR's own; the code must be new on every type of `base`
 * @param pending to be known only by their URL and as pending
 */
export function addParameters(
  definitions: Definitions,
  usable: readonly SearchParameterDefinition[],
  pending: readonly SearchParameterDefinition[] = [],
): Definitions {
  const added = byType(definitions, usable);
  const awaited = byType(definitions, pending);
  const byUrl = new Map([...usable, ...pending].map((parameter) => [parameter.url, parameter]));
  const lists = new Map<string, readonly SearchParameterDefinition[]>();
  for (const [type, parameters] of added) {
    lists.set(type, [...definitions.searchParameters(type), ...parameters.values()]);
  }
  return {
    ...definitions,
    searchParameters: (type) => lists.get(type) ?? definitions.searchParameters(type),
    searchParameter: (type, code) => definitions.searchParameter(type, code) ?? added.get(type)?.get(code),
    searchParameterByUrl: (url) => definitions.searchParameterByUrl(url) ?? byUrl.get(url),
    isPending: (type, code) => awaited.get(type)?.has(code) ?? false,
  };
}

/** The concrete types that the bases of a parameter stand for: `Resource` and `DomainResource` mean their descendants. */
export function concreteBases(definitions: Definitions, base: readonly string[]): string[] {
  return definitions.resourceTypes.filter((type) => {
    for (let t = definitions.type(type); t; t = t.base ? definitions.type(t.base) : undefined) {
      if (base.includes(t.name)) return true;
    }
    return false;
  });
}

function byType(
  definitions: Definitions,
  parameters: readonly SearchParameterDefinition[],
): Map<string, Map<string, SearchParameterDefinition>> {
  const types = new Map<string, Map<string, SearchParameterDefinition>>();
  for (const parameter of parameters) {
    for (const type of concreteBases(definitions, parameter.base)) {
      const ofType = types.get(type) ?? new Map<string, SearchParameterDefinition>();
      types.set(type, ofType.set(parameter.code, parameter));
    }
  }
  return types;
}
