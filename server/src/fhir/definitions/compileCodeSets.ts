import type {
  Bundle,
  CodeSystem,
  CodeSystemConcept,
  ValueSet,
  ValueSetComposeInclude,
} from '@medplum/fhirtypes';
import type { CodeSet } from './types.ts';

/** What cannot be listed from the definitions alone: a system that is not complete here, or a filter. */
class UnlistableError extends Error {}

type Systems = Map<string, Set<string>>;

/**
 * Codes that HL7 has added since to value sets that its extensions are bound to, by value set and code system: what HL7 publishes for
 * R4 uses them (http://hl7.org/fhir/extensions/StructureDefinition-structuredefinition-standards-status.html).
 */
const LATER_CODES: Readonly<Record<string, readonly [system: string, code: string]>> = {
  'http://hl7.org/fhir/ValueSet/standards-status': [
    'http://terminology.hl7.org/CodeSystem/standards-status',
    'withdrawn',
  ],
};

/**
 * The codes of value sets of R4's own definitions, by URL. A value set that cannot be listed (MIME types, currencies)
 * is absent.
 *
 * @param urls canonicals without version
 */
export function compileCodeSets(bundles: readonly Bundle[], urls: Iterable<string>): Record<string, CodeSet> {
  const resources = bundles.flatMap((bundle) => bundle.entry ?? []).map((entry) => entry.resource);
  const valueSets = byUrl(resources.filter((resource) => resource?.resourceType === 'ValueSet'));
  const codeSystems = byUrl(resources.filter((resource) => resource?.resourceType === 'CodeSystem'));
  const sets: Record<string, CodeSet> = {};
  for (const url of new Set(urls)) {
    try {
      const systems = valueSetCodes(url, valueSets, codeSystems);
      const [system, code] = LATER_CODES[url] ?? [];
      if (system !== undefined && code !== undefined) systems.get(system)?.add(code);
      sets[url] = Object.fromEntries([...systems].map(([system, codes]) => [system, [...codes]]));
    } catch (error) {
      if (!(error instanceof UnlistableError)) throw error;
    }
  }
  return sets;
}

function byUrl<T extends ValueSet | CodeSystem>(resources: readonly T[]): Map<string, T> {
  return new Map(resources.flatMap((resource) => (resource.url ? [[resource.url, resource]] : [])));
}

function valueSetCodes(
  canonical: string,
  valueSets: ReadonlyMap<string, ValueSet>,
  codeSystems: ReadonlyMap<string, CodeSystem>,
): Systems {
  const valueSet = valueSets.get(canonical.replace(/\|.*$/, ''));
  if (!valueSet?.compose) throw new UnlistableError(canonical);
  const codes: Systems = new Map();
  for (const include of valueSet.compose.include ?? []) {
    for (const [system, more] of partCodes(include, valueSets, codeSystems)) {
      codes.set(system, (codes.get(system) ?? new Set()).union(more));
    }
  }
  for (const exclude of valueSet.compose.exclude ?? []) {
    for (const [system, less] of partCodes(exclude, valueSets, codeSystems)) {
      codes.set(system, (codes.get(system) ?? new Set()).difference(less));
    }
  }
  return codes;
}

function partCodes(
  part: ValueSetComposeInclude,
  valueSets: ReadonlyMap<string, ValueSet>,
  codeSystems: ReadonlyMap<string, CodeSystem>,
): Systems {
  const { system, concept, filter, valueSet = [] } = part;
  if (filter?.length || (system !== undefined && valueSet.length > 0)) throw new UnlistableError(system);
  if (system !== undefined) {
    const codes = concept ? concept.map(({ code }) => code) : systemCodes(system, codeSystems);
    return new Map([[system, new Set(codes.filter((code) => code !== undefined))]]);
  }
  if (valueSet.length !== 1) throw new UnlistableError(valueSet.join());
  return valueSetCodes(valueSet[0]!, valueSets, codeSystems);
}

function systemCodes(system: string, codeSystems: ReadonlyMap<string, CodeSystem>): string[] {
  const codeSystem = codeSystems.get(system);
  if (codeSystem?.content !== 'complete') throw new UnlistableError(system);
  const codes: string[] = [];
  const add = (concepts: readonly CodeSystemConcept[] = []): void => {
    for (const { code, concept } of concepts) {
      if (code !== undefined) codes.push(code);
      add(concept);
    }
  };
  add(codeSystem.concept);
  return codes;
}
