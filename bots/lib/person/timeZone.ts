import type { Extension } from '@medplum/fhirtypes';

/** HL7's extension for an IANA time zone. */
export const TIME_ZONE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/timezone';

/** Is there such a zone? */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The time zone that a person or place says of itself. @returns undefined where it says none that there is */
export function statedTimeZone(of: { extension?: Extension[] | undefined } | undefined): string | undefined {
  const zone = of?.extension?.find(({ url }) => url === TIME_ZONE_EXTENSION)?.valueCode;
  return zone !== undefined && isTimeZone(zone) ? zone : undefined;
}
