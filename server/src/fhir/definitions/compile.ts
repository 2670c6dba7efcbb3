import type { Bundle, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';
import {
  administrativeParameters,
  administrativeStructures,
  administrativeTerminology,
} from './compileAdministration.ts';
import { compileCodeSets } from './compileCodeSets.ts';
import { constraintsOf, elementTree } from './compileElements.ts';
import { compileExtensions } from './compileExtensions.ts';
import { correctedElements, correctedParts, isSearchParameterOfR4 } from './corrections.ts';
import { DEFINITIONS_FORMAT, type DefinitionsData } from './data.ts';
import type {
  ElementDefinition,
  ExtensionContent,
  SearchParameterDefinition,
  TypeDefinition,
} from './types.ts';

const FHIR_VERSION = '4.0.1';
const REGEX_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/regex';

/** HL7's published bundles, parsed. */
export interface DefinitionBundles {
  /** profiles-types.json */
  types: Bundle;
  /** profiles-resources.json */
  resources: Bundle;
  /** search-parameters.json */
  searchParameters: Bundle;
  /** valuesets.json, v3-codesystems.json, v2-tables.json */
  terminology: Bundle[];
  /** extension-definitions.json */
  extensions: Bundle;
  administration: AdministrationBundles;
}

/** Medplum's definitions of what administers a server. */
export interface AdministrationBundles {
  /** profiles-medplum.json */
  resources: Bundle;
  /** search-parameters-medplum.json */
  searchParameters: Bundle;
  /** valuesets-medplum.json */
  terminology: Bundle;
}

/**
 * Reduces HL7's definitions (35 MB and more) to what the server needs of them. Takes the base types only: profiles
 * (derivation `constraint`), logical models and definitions of another FHIR version are not types of R4.
 * Throws when a definition is incomplete or names a type or element that does not exist.
 */
export function compileDefinitions(bundles: DefinitionBundles): DefinitionsData {
  const types = [...structures(bundles.types), ...structures(bundles.resources)].map(compileType);
  const searchParameters = resourcesOf<SearchParameter>(bundles.searchParameters, 'SearchParameter')
    .filter((parameter) => isSearchParameterOfR4(parameter.url ?? ''))
    .map(compileSearchParameter);
  const administration = compileAdministration(bundles.administration, types);
  const extensions = compileExtensions(bundles.extensions);
  const codeSets = compileCodeSets(
    [...bundles.terminology, administrativeTerminology(bundles.administration.terminology)],
    [
      ...[...types, ...administration.types]
        .flatMap(({ elements }) => flatten(elements))
        .map(({ requiredValueSet }) => requiredValueSet),
      ...Object.values(extensions).flatMap(valueSetsOf),
    ].filter((url) => url !== undefined),
  );
  const data = {
    format: DEFINITIONS_FORMAT,
    fhirVersion: FHIR_VERSION,
    types,
    searchParameters,
    administration,
    codeSets,
    extensions,
  };
  checkReferences(data);
  return data;
}

/** @param types of R4: what holds for every DomainResource is not repeated in these definitions */
function compileAdministration(
  { resources, searchParameters }: AdministrationBundles,
  types: readonly TypeDefinition[],
): DefinitionsData['administration'] {
  const inherited = new Map(types.map(({ name, constraints }) => [name, constraints]));
  return {
    types: administrativeStructures(resources)
      .map(compileType)
      .map((type) => {
        const constraints = inherited.get(type.base ?? '');
        return constraints ? { ...type, constraints } : type;
      }),
    searchParameters: administrativeParameters(searchParameters).map(compileSearchParameter),
  };
}

function structures(bundle: Bundle): StructureDefinition[] {
  return resourcesOf<StructureDefinition>(bundle, 'StructureDefinition').filter(
    ({ derivation, kind, fhirVersion }) =>
      derivation !== 'constraint' && kind !== 'logical' && fhirVersion === FHIR_VERSION,
  );
}

function resourcesOf<T>(bundle: Bundle, resourceType: string): T[] {
  return (bundle.entry ?? [])
    .filter((entry) => entry.resource?.resourceType === resourceType)
    .map((entry) => entry.resource as T);
}

function compileType(source: StructureDefinition): TypeDefinition {
  const { name, kind, snapshot } = source;
  if (!name || !kind || kind === 'logical' || !snapshot) {
    throw new Error(`The StructureDefinition ${source.url} has no name, kind or snapshot`);
  }
  const primitive = kind === 'primitive-type';
  const type: TypeDefinition = {
    name,
    kind,
    abstract: source.abstract ?? false,
    elements: primitive ? [] : elementTree(correctedElements(snapshot.element)),
  };
  if (source.baseDefinition) type.base = source.baseDefinition.replace(/^.*\//, '');
  const constraints = primitive ? [] : constraintsOf(snapshot.element[0]!);
  if (constraints.length > 0) type.constraints = constraints;
  const regex = primitive ? primitiveRegex(source) : undefined;
  if (regex !== undefined) type.regex = regex;
  return type;
}

/** The value sets that an extension and its parts are bound to. */
function valueSetsOf({ requiredValueSet, parts }: ExtensionContent): (string | undefined)[] {
  return [requiredValueSet, ...parts.flatMap(valueSetsOf)];
}

function primitiveRegex(source: StructureDefinition): string | undefined {
  const value = source.snapshot?.element.find((element) => element.path === `${source.name}.value`);
  return value?.type?.[0]?.extension?.find((extension) => extension.url === REGEX_EXTENSION)?.valueString;
}

function compileSearchParameter(source: SearchParameter): SearchParameterDefinition {
  const { url, code, type, base } = source;
  if (!url || !code || !type || !base?.length) {
    throw new Error(`The SearchParameter ${url ?? source.id} has no url, code, type or base`);
  }
  const parameter: SearchParameterDefinition = { url, code, type, base };
  if (source.expression) parameter.expression = source.expression;
  if (source.target) parameter.target = source.target;
  if (source.component) {
    const parts = source.component.map(({ definition, expression }) => ({ definition, expression }));
    parameter.component = correctedParts(url, parts);
  }
  return parameter;
}

/** Every name that a definition uses must be defined: found here, at compile time, and not when a resource comes. */
function checkReferences(data: DefinitionsData): void {
  const types = [...data.types, ...data.administration.types];
  const searchParameters = [...data.searchParameters, ...data.administration.searchParameters];
  const names = new Set(types.map((type) => type.name));
  const urls = new Set(searchParameters.map((parameter) => parameter.url));
  const requireType = (name: string, where: string): void => {
    if (!names.has(name)) throw new Error(`${where} names the type ${name}, which is not defined`);
  };
  for (const type of types) {
    const paths = new Set(flatten(type.elements).map((element) => element.path));
    if (type.base) requireType(type.base, type.name);
    for (const element of flatten(type.elements)) {
      for (const { code } of element.types) requireType(code, element.path);
      if (element.contentReference && !paths.has(element.contentReference)) {
        throw new Error(`${element.path} reuses ${element.contentReference}, which is not defined`);
      }
    }
  }
  for (const { url, base, component } of searchParameters) {
    for (const name of base) requireType(name, url);
    for (const part of component ?? []) {
      if (!urls.has(part.definition)) throw new Error(`${url} has the part ${part.definition}, not defined`);
    }
  }
}

function flatten(elements: readonly ElementDefinition[]): ElementDefinition[] {
  return elements.flatMap((element) => [element, ...flatten(element.children ?? [])]);
}
