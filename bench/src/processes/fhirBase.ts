/** Where the server's FHIR interface begins; the floors answer there too. */
export const FHIR_BASE = '/fhir/R4';
