import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Source } from './source.ts';

/** The parameters of a type whose values a path selects. */
export function plainParameters({ context }: Source, type: string): SearchParameterDefinition[] {
  return context.definitions
    .searchParameters(type)
    .filter(({ expression, code }) => expression !== undefined && code !== '_id' && code !== '_lastUpdated');
}

export function hasValues(source: Source, type: string, parameter: SearchParameterDefinition): boolean {
  const found =
    parameter.type === 'composite' ? source.composites(type, parameter) : source.values(type, parameter);
  return found.length > 0;
}
