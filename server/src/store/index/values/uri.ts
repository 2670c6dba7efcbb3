const URI_TYPES: ReadonlySet<string> = new Set(['uri', 'url', 'canonical', 'oid', 'uuid']);

/** Whether a FHIR type is a URI. */
export function isUriType(type: string): boolean {
  return URI_TYPES.has(type);
}
