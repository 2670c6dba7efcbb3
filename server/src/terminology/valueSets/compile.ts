import type { JsonObject } from '../../fhir/resource.ts';
import { canonicalText, parseCanonical } from '../../fhir/canonical.ts';
import { TerminologyError } from '../issue.ts';
import { refuseModifiers } from '../modifiers.ts';
import type { CodeSystemContent, ConceptFilter } from '../model.ts';
import type { LibraryView } from '../resources/libraryView.ts';
import { extensionValue, objects, string } from '../systems/readCodeSystem.ts';
import { unknownSystem, unknownValueSet } from './faults.ts';
import { plainFilters } from './plainFilters.ts';
import { byCode, expandedConcepts, listedConcept, type ListedConcept } from './listedConcepts.ts';
import { includedVersion, valueSetVersion, versionFault, type VersionRules } from './versionRules.ts';

const LATER_OP = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.compose.include.filter.op';
const SUPPLEMENT = 'http://hl7.org/fhir/StructureDefinition/valueset-supplement';
/** Value sets that one brings along, however deep. */
const VALUE_SETS_MAX = 500;

/** One `include` or `exclude` (http://hl7.org/fhir/R4/valueset.html#compositions). */
export interface Part {
  system?: string;
  /** The version that was asked for, by the value set or a rule of the request. */
  version?: string;
  /** What the value set itself says. */
  saidVersion?: string;
  /** Absent: the system is not known here. */
  content?: CodeSystemContent;
  /** That version is not known where others are, or a rule of the request forbids it: then nothing can be listed. */
  fault?: TerminologyError;
  /** By code, folded where the system does not care about case. */
  concepts?: ReadonlyMap<string, ListedConcept>;
  filters: readonly ConceptFilter[];
  /** Each of them must have the code too. */
  valueSets: readonly CompiledValueSet[];
  /** Of a system without an end whose codes are not told one by one: a value set of those in common use. */
  commonCodes?: () => Promise<CompiledValueSet>;
}

export interface CompiledValueSet {
  resource: JsonObject;
  /** In another value set, of which it is a part. */
  isContained: boolean;
  url: string;
  /** `url|version`, for messages. */
  canonical: string;
  includes: readonly Part[];
  excludes: readonly Part[];
  /** `compose.inactive` is false. */
  activeOnly: boolean;
  /** Canonicals of the supplements that it needs. */
  supplements: readonly string[];
}

export interface CompileScope {
  view: LibraryView;
  rules: VersionRules;
  /** Canonicals of supplements that the request wants used. */
  supplements: readonly string[];
}

/**
 * A ValueSet resource -> what it is made of, each piece found but the versions of code systems, of which {@link Part.fault} tells.
 * @throws TerminologyError where something is missing or wrong
 */
export function compileValueSet(scope: CompileScope, resource: JsonObject): Promise<CompiledValueSet> {
  return new Compiler(scope).compile(resource, { path: [], container: resource });
}

/** The same value set. @throws TerminologyError where a version that it names cannot be used */
export function requireVersions(
  valueSet: CompiledValueSet,
  seen = new Set<CompiledValueSet>(),
): CompiledValueSet {
  if (seen.has(valueSet)) return valueSet;
  seen.add(valueSet);
  for (const { fault, valueSets } of [...valueSet.includes, ...valueSet.excludes]) {
    if (fault) throw fault;
    for (const one of valueSets) requireVersions(one, seen);
  }
  return valueSet;
}

/** Where in the value sets that include each other one is. */
interface Place {
  path: readonly JsonObject[];
  /** The resource whose `contained` a reference `#id` is about. */
  container: JsonObject;
}

class Compiler {
  readonly #scope: CompileScope;
  readonly #made = new Map<JsonObject, Promise<CompiledValueSet>>();

  constructor(scope: CompileScope) {
    this.#scope = scope;
  }

  async compile(resource: JsonObject, { path, container }: Place): Promise<CompiledValueSet> {
    if (path.includes(resource)) throw circular([...path, resource]);
    let made = this.#made.get(resource);
    if (made === undefined) {
      if (this.#made.size === VALUE_SETS_MAX) throw tooMany();
      made = this.#make(resource, { path: [...path, resource], container });
      this.#made.set(resource, made);
    }
    return made;
  }

  async #make(resource: JsonObject, place: Place): Promise<CompiledValueSet> {
    const compose = (resource.compose ?? {}) as JsonObject;
    refuseModifiers(`The value set '${canonicalOf(resource)}'`, resource, compose);
    const own = objects(resource.extension)
      .filter(({ url }) => url === SUPPLEMENT)
      .flatMap(({ valueCanonical, valueUri }) => string(valueCanonical) ?? string(valueUri) ?? []);
    const supplements = [...new Set([...this.#scope.supplements, ...own])];
    for (const one of supplements) await this.#requireSupplement(one);
    const includes: Part[] = [];
    for (const one of objects(compose.include)) includes.push(await this.#part(one, place, supplements));
    if (resource.compose === undefined) includes.push(...(await this.#expanded(resource, supplements)));
    const excludes: Part[] = [];
    for (const one of objects(compose.exclude)) excludes.push(await this.#part(one, place, supplements));
    return {
      resource,
      isContained: place.container !== resource,
      url: string(resource.url) ?? '',
      canonical: canonicalOf(resource),
      includes,
      excludes,
      activeOnly: compose.inactive === false,
      supplements,
    };
  }

  async #requireSupplement(canonical: string): Promise<void> {
    const { url, version } = parseCanonical(canonical);
    const found = await this.#scope.view.find('CodeSystem', url, version);
    if (found?.resource.content === 'supplement') return;
    throw new TerminologyError('unprocessable', {
      severity: 'error',
      code: 'not-found',
      type: 'not-found',
      id: 'VALUESET_SUPPLEMENT_MISSING',
      text: `Required supplement not found: ${canonical}`,
    });
  }

  async #part(json: JsonObject, place: Place, supplements: readonly string[]): Promise<Part> {
    const selected = [...objects(json.concept), ...objects(json.filter)];
    refuseModifiers(`A part of the value set '${canonicalOf(place.path.at(-1)!)}'`, json, ...selected);
    const system = string(json.system);
    const said = objects(json.filter).map(readFilter);
    const { filters, valueSets: wanted } = plainFilters(system ?? '', string(json.version), said);
    const valueSets: CompiledValueSet[] = [];
    for (const one of [...(Array.isArray(json.valueSet) ? json.valueSet : []), ...wanted])
      valueSets.push(await this.#imported(String(one), place));
    // An expression says already of which system its codes are, and lists fewer than the whole of it.
    if (system === undefined || (wanted.length > 0 && filters.length === 0 && json.concept === undefined))
      return { filters, valueSets };
    const found = await this.#system(system, string(json.version), supplements);
    const listed =
      json.concept === undefined
        ? undefined
        : byCode(objects(json.concept).map(listedConcept), found.content);
    const common = listed ? undefined : found.content?.header.commonCodes;
    return {
      system,
      ...found,
      ...(listed && { concepts: listed }),
      filters,
      valueSets,
      ...(common !== undefined && { commonCodes: () => this.#imported(common, place) }),
    };
  }

  async #system(
    system: string,
    saidVersion: string | undefined,
    supplements: readonly string[],
  ): Promise<Pick<Part, 'version' | 'saidVersion' | 'content' | 'fault'>> {
    const { view, rules } = this.#scope;
    const version = includedVersion(rules, system, saidVersion);
    const content = await view.system(system, version, supplements);
    const fault =
      (content ? undefined : await this.#missingVersion(system, version)) ??
      versionFault(rules, system, content?.header.version ?? version);
    return {
      ...(version !== undefined && { version }),
      ...(saidVersion !== undefined && { saidVersion }),
      ...(content && { content }),
      ...(fault && { fault }),
    };
  }

  /** Of a system of which other versions are known. */
  async #missingVersion(system: string, version: string | undefined): Promise<TerminologyError | undefined> {
    const versions = version === undefined ? [] : await this.#scope.view.systemVersions(system);
    if (versions.length === 0) return undefined;
    return unknownSystem(system, version, versions, 'so the value set cannot be expanded');
  }

  async #imported(reference: string, { path, container }: Place): Promise<CompiledValueSet> {
    if (reference.startsWith('#')) {
      const contained = objects(container.contained).find(({ id }) => id === reference.slice(1));
      if (!contained) throw unknownValueSet(reference);
      return this.compile(contained, { path, container });
    }
    const { url, version } = parseCanonical(reference);
    const wanted = version ?? valueSetVersion(this.#scope.rules, url);
    const found = await this.#scope.view.find('ValueSet', url, wanted);
    if (!found)
      throw unknownValueSet(canonicalText({ url, ...(wanted !== undefined && { version: wanted }) }));
    return this.compile(found.resource, { path, container: found.resource });
  }

  /** What a value set without a definition was expanded to. */
  async #expanded(resource: JsonObject, supplements: readonly string[]): Promise<Part[]> {
    const parts: Part[] = [];
    for (const [system, listed] of expandedConcepts(resource)) {
      const found = await this.#system(system, undefined, supplements);
      const concepts = byCode(listed, found.content);
      parts.push({ system, ...found, concepts, filters: [], valueSets: [] });
    }
    return parts;
  }
}

/** Operators that only R5 has come as an extension. */
function readFilter(json: JsonObject): ConceptFilter {
  const { property, op, _op, value } = json;
  const later = extensionValue(json, LATER_OP) ?? extensionValue((_op ?? {}) as JsonObject, LATER_OP);
  return {
    property: string(property) ?? '',
    op: later ?? string(op) ?? '',
    value: string(value) ?? '',
  };
}

/** `url|version` of a value set; its id where it has no URL. */
export function canonicalOf({ url, version, id }: JsonObject): string {
  if (typeof url !== 'string') return typeof id === 'string' ? `#${id}` : '';
  return canonicalText({ url, ...(typeof version === 'string' && { version }) });
}

function circular(path: readonly JsonObject[]): TerminologyError {
  const names = path.map((one) => canonicalOf(one));
  return new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'processing',
    type: 'vs-invalid',
    id: 'VALUESET_CIRCULAR_REFERENCE',
    text: `Cyclic reference detected when including ${names.at(-1)} via [${names.slice(0, -1).join(', ')}]`,
  });
}

const tooMany = () =>
  new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'too-costly',
    text: `A value set may bring ${VALUE_SETS_MAX} others along at the most.`,
  });
