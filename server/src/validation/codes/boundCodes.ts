import { currencyName } from '../../fhir/currencies.ts';
import type { CodeSet } from '../../fhir/definitions/types.ts';

/** The codes of a required binding that can be tested in memory. */
export interface BoundCodes {
  /** Canonical of the value set. */
  url: string;
  /** For a bare code, whose system is implied. */
  hasCode(code: string): boolean;
  hasCoding(system: string, code: string): boolean;
}

/** Codes that HL7 has added since R4 and that mean something here: filters of value sets, which terminology carries out. */
const LATER_CODES: Readonly<Record<string, readonly string[]>> = {
  'http://hl7.org/fhir/ValueSet/filter-operator': ['child-of', 'descendent-leaf'],
};

/** Codes that the definitions list. */
export function listedCodes(url: string, codes: CodeSet): BoundCodes {
  const all = new Set([...Object.values(codes).flat(), ...(LATER_CODES[url] ?? [])]);
  const bySystem = new Map(Object.entries(codes).map(([system, own]) => [system, new Set(own)]));
  return {
    url,
    hasCode: (code) => all.has(code),
    hasCoding: (system, code) => bySystem.get(system)?.has(code) ?? false,
  };
}

/** Codes of the systems that have a grammar or a register of their own instead of a list in FHIR. */
export const RULED_CODES: Readonly<Record<string, BoundCodes>> = Object.fromEntries(
  [
    ruledCodes('http://hl7.org/fhir/ValueSet/mimetypes', 'urn:ietf:bcp:13', isMediaType),
    ruledCodes('http://hl7.org/fhir/ValueSet/all-languages', 'urn:ietf:bcp:47', isLanguage),
    ruledCodes('http://hl7.org/fhir/ValueSet/currencies', 'urn:iso:std:iso:4217', isCurrency),
  ].map((codes) => [codes.url, codes]),
);

function ruledCodes(url: string, system: string, hasCode: (code: string) => boolean): BoundCodes {
  return { url, hasCode, hasCoding: (of, code) => of === system && hasCode(code) };
}

const MEDIA_TYPE = /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+\s*(?:;.*)?$/s;
/** Where formats are meant, FHIR allows these for short (http://hl7.org/fhir/R4/http.html#mime-type). */
const SHORT_FORMATS = new Set(['json', 'xml', 'ttl', 'html']);

/** http://hl7.org/fhir/R4/valueset-mimetypes.html: BCP 13, by its form. */
export function isMediaType(code: string): boolean {
  return MEDIA_TYPE.test(code) || SHORT_FORMATS.has(code);
}

/** The order of the subtags of BCP 47 (RFC 5646), private and grandfathered ones included; not whether each is registered. */
const LANGUAGE =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?$|^[xi](?:-[a-z\d]{1,8})+$/i;
const LANGUAGE_LENGTH_MAX = 128;

/** http://hl7.org/fhir/R4/valueset-all-languages.html: BCP 47, by its form. */
export function isLanguage(code: string): boolean {
  return code.length <= LANGUAGE_LENGTH_MAX && LANGUAGE.test(code);
}

/** http://hl7.org/fhir/R4/valueset-currencies.html: ISO 4217. */
function isCurrency(code: string): boolean {
  return currencyName(code) !== undefined;
}
