import type { SearchParameterDefinition, TypeDefinition } from './types.ts';

/** Counts up whenever the shape of `DefinitionsData` or what it is made from changes, so that no old cache is read. */
export const DEFINITIONS_FORMAT = 3;

/** Everything that `Definitions` is built from, as plain JSON that fits in a file. */
export interface DefinitionsData {
  format: number;
  /** `4.0.1` */
  fhirVersion: string;
  types: TypeDefinition[];
  searchParameters: SearchParameterDefinition[];
}
