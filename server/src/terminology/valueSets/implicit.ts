import type { JsonObject } from '../../fhir/resource.ts';
import { simpleEcl } from './ecl.ts';

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';

/**
 * A value set that a URL defines by itself: of SNOMED CT (http://hl7.org/fhir/R4/snomedct.html#implicit), LOINC
 * (http://hl7.org/fhir/R4/loinc.html#implicit) or UCUM, or all of any other code system (`[its URL]?fhir_vs`, as HAPI and Ontoserver
 * have it); undefined for other URLs.
 */
export function implicitValueSet(url: string): JsonObject | undefined {
  if (url === `${UCUM}/vs`) return valueSet(url, 'All UCUM codes', { include: [{ system: UCUM }] });
  if (url === `${LOINC}/vs`) return valueSet(url, 'All LOINC codes', { include: [{ system: LOINC }] });
  const loinc = /^http:\/\/loinc\.org\/vs\/(L[LP][\d-]+)$/.exec(url)?.[1];
  if (loinc !== undefined) {
    const filter = loinc.startsWith('LL')
      ? { property: 'LIST', op: '=', value: loinc }
      : { property: 'concept', op: 'is-a', value: loinc };
    return valueSet(url, `LOINC ${loinc}`, { include: [{ system: LOINC, filter: [filter] }] });
  }
  const snomed = /^(http:\/\/snomed\.info\/x?sct(?:\/\d+(?:\/version\/\d+)?)?)\?fhir_vs(?:=(.*))?$/s.exec(
    url,
  );
  if (!snomed) return wholeSystem(url);
  const compose = snomedCompose(snomed[1]!, snomed[2]);
  return compose && valueSet(url, 'SNOMED CT concepts', compose);
}

function wholeSystem(url: string): JsonObject | undefined {
  const system = /^([^?]+)\?fhir_vs$/.exec(url)?.[1];
  return system === undefined
    ? undefined
    : valueSet(url, `All codes of ${system}`, { include: [{ system }] });
}

function snomedCompose(edition: string, query: string | undefined): JsonObject | undefined {
  const base = { system: SNOMED, ...(edition !== SNOMED && { version: edition }) };
  const filtered = (property: string, op: string, value: string) => ({
    include: [{ ...base, filter: [{ property, op, value }] }],
  });
  if (query === undefined || query === '') return { include: [base] };
  const [kind, value] = [/^[a-z]+/.exec(query)?.[0], query.replace(/^[a-z]+\/?/, '')];
  if (kind === 'isa' && /^\d+$/.test(value)) return filtered('concept', 'is-a', value);
  if (kind === 'refset' && value === '') return filtered('concept', 'descendent-of', '900000000000455006');
  if (kind === 'refset' && /^\d+$/.test(value)) return filtered('refset', '=', value);
  if (kind !== 'ecl') return undefined;
  return simpleEcl(decoded(value), base);
}

/** Clients encode the expression once more or not. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own
  }
}

const valueSet = (url: string, title: string, compose: JsonObject): JsonObject => ({
  resourceType: 'ValueSet',
  url,
  name: title.replace(/[^A-Za-z0-9]/g, ''),
  title,
  status: 'active',
  compose,
});
