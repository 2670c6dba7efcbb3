/**
 * Extensions by which code systems, value sets and outcomes are told about, and by which people and places say their time zone, that HL7
 * has defined since R4, or allowed at more places since, in its extension pack. They are allowed, and not looked into.
 */
export const LATER_EXTENSIONS: ReadonlySet<string> = new Set(
  [
    'codesystem-alternate',
    'codesystem-conceptOrder',
    'codesystem-label',
    'codesystem-properties-mode',
    'codesystem-sourceReference',
    'coding-sctdescid',
    'concept-comment',
    'itemWeight',
    'operationoutcome-message-id',
    'timezone',
    'valueset-compose-createdBy',
    'valueset-compose-creationDate',
    'valueset-concept-definition',
    'valueset-conceptOrder',
    'valueset-deprecated',
    'valueset-expansion-parameter',
    'valueset-expansionSource',
    'valueset-label',
    'valueset-supplement',
  ].map((name) => `http://hl7.org/fhir/StructureDefinition/${name}`),
);
