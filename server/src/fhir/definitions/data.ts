import type { CodeSet, ExtensionDefinition, SearchParameterDefinition, TypeDefinition } from './types.ts';

/** Counts up whenever the shape of `DefinitionsData` or what it is made from changes, so that no old cache is read. */
export const DEFINITIONS_FORMAT = 12;

/** Everything that `Definitions` is built from, as plain JSON that fits in a file. */
export interface DefinitionsData {
  format: number;
  /** `4.0.1` */
  fhirVersion: string;
  types: TypeDefinition[];
  searchParameters: SearchParameterDefinition[];
  /** What administers the server (AccessPolicy, User, ...): not of R4. */
  administration: { types: TypeDefinition[]; searchParameters: SearchParameterDefinition[] };
  /** Codes of the value sets of required bindings, by URL, where they can be listed. */
  codeSets: Record<string, CodeSet>;
  /** HL7's own extensions, by URL. */
  extensions: Record<string, ExtensionDefinition>;
}
