import { parseCanonical, type Canonical } from '../../fhir/canonical.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
/** How FHIRPath's own types are named where R4 uses them for `id` and `url`. */
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';

/** Canonical of R4's definition of a type. */
export function typeCanonical(code: string): string {
  if (code.startsWith(SYSTEM_TYPE)) return CORE + lowerFirst(code.slice(SYSTEM_TYPE.length));
  return code.includes(':') ? code : CORE + code;
}

/** The type name of an ElementDefinition's type code; FHIRPath's own types as their FHIR counterparts. */
export function typeName(code: string): string {
  return code.startsWith(SYSTEM_TYPE) ? lowerFirst(code.slice(SYSTEM_TYPE.length)) : code;
}

/** The type that a canonical is R4's definition of; undefined where it may be a profile. */
export function coreType(canonical: string, isType: (name: string) => boolean): string | undefined {
  const { url } = splitCanonical(canonical);
  const name = url.startsWith(CORE) ? url.slice(CORE.length) : '';
  return isType(name) ? name : undefined;
}

/** `url|version` in its parts; a fragment belongs to neither. */
export const splitCanonical = (canonical: string): Canonical => parseCanonical(canonical.split('#')[0] ?? '');

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
