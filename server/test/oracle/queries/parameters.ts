import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Source } from './source.ts';

/** The parameters of a type whose values a path selects. */
export function plainParameters({ context }: Source, type: string): SearchParameterDefinition[] {
  return context.definitions
    .searchParameters(type)
    .filter(({ expression, code }) => expression !== undefined && code !== '_id' && code !== '_lastUpdated');
}

/** Whether there is something to find: of composites, a place where no part is missing. */
export function hasValues(source: Source, type: string, parameter: SearchParameterDefinition): boolean {
  if (parameter.type !== 'composite') return source.values(type, parameter).length > 0;
  return source.composites(type, parameter).some((parts) => parts.every((part) => part.length > 0));
}
