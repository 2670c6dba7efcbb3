import type { JsonObject } from '../../fhir/resource.ts';
import type { Concept, ConceptProperty, Designation, PropertyDefinition, SystemHeader } from '../model.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { refuseModifiers } from '../modifiers.ts';

const STANDARDS_STATUS = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';
/** Levels of concepts below each other. */
const DEPTH_MAX = 200;

/** Concepts of which each knows those above and below it. */
export interface MutableConcept extends Concept {
  designations: Designation[];
  properties: ConceptProperty[];
  extensions: JsonObject[];
  parents: string[];
  children: string[];
}

export interface ReadCodeSystem {
  header: SystemHeader;
  concepts: MutableConcept[];
}

export const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value)
    ? value.filter((one): one is JsonObject => typeof one === 'object' && one !== null)
    : [];
export const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A CodeSystem resource -> its concepts in their order. @throws FhirError `unprocessable` when they are nested too deeply */
export function readCodeSystem(resource: JsonObject): ReadCodeSystem {
  refuseModifiers(`The code system '${String(resource.url)}'`, resource);
  const concepts = readConcepts(resource);
  const isHierarchical = concepts.some(({ parents }) => parents.length > 0);
  return {
    header: { ...readHeader(resource), isHierarchical, count: concepts.length },
    concepts,
  };
}

/** Properties and the like are optional in the type only where FHIR's are. */
function readHeader(resource: JsonObject): Omit<SystemHeader, 'isHierarchical'> {
  const text = (name: string) => {
    const value = string(resource[name]);
    return value === undefined ? {} : { [name]: value };
  };
  const standardsStatus = extensionValue(resource, STANDARDS_STATUS);
  return {
    url: string(resource.url) ?? '',
    ...text('version'),
    ...text('name'),
    ...text('title'),
    ...text('language'),
    ...text('status'),
    ...(typeof resource.experimental === 'boolean' && { experimental: resource.experimental }),
    ...(standardsStatus !== undefined && { standardsStatus }),
    caseSensitive: resource.caseSensitive === true,
    content: (string(resource.content) ?? 'complete') as SystemHeader['content'],
    properties: objects(resource.property) as unknown as PropertyDefinition[],
    supplements: [],
  };
}

/** The code or string of an extension. */
export function extensionValue(element: JsonObject, url: string): string | undefined {
  const found = objects(element.extension).find((one) => one.url === url);
  return string(found?.valueCode) ?? string(found?.valueString);
}

function readConcepts(resource: JsonObject): MutableConcept[] {
  const concepts: MutableConcept[] = [];
  const byCode = new Map<string, MutableConcept>();
  const add = (json: JsonObject, parent: MutableConcept | undefined, depth: number) => {
    if (depth > DEPTH_MAX)
      throw fhirError(
        'unprocessable',
        'too-costly',
        `A code system may have ${DEPTH_MAX} levels of concepts at the most.`,
      );
    const concept = readConcept(json, concepts.length);
    if (byCode.has(concept.code)) return;
    byCode.set(concept.code, concept);
    concepts.push(concept);
    if (parent) link(parent, concept);
    for (const child of objects(json.concept)) add(child, concept, depth + 1);
  };
  for (const json of objects(resource.concept)) add(json, undefined, 0);
  linkByProperties(resource, concepts, byCode);
  return concepts;
}

function link(parent: MutableConcept, child: MutableConcept): void {
  if (parent === child || child.parents.includes(parent.code)) return;
  child.parents.push(parent.code);
  parent.children.push(child.code);
}

/** Further parents and children, as properties (http://hl7.org/fhir/R4/codesystem.html#defined-props). */
function linkByProperties(
  resource: JsonObject,
  concepts: readonly MutableConcept[],
  byCode: ReadonlyMap<string, MutableConcept>,
): void {
  const named = (kind: string) =>
    new Set([
      kind,
      ...objects(resource.property)
        .filter(({ uri }) => uri === `http://hl7.org/fhir/concept-properties#${kind}`)
        .map(({ code }) => string(code) ?? kind),
    ]);
  const [isParent, isChild] = [named('parent'), named('child')];
  for (const concept of concepts) {
    for (const { code, value } of concept.properties) {
      const other = typeof value === 'string' ? byCode.get(value) : undefined;
      if (!other) continue;
      if (isParent.has(code)) link(other, concept);
      if (isChild.has(code)) link(concept, other);
    }
  }
}

function readConcept(json: JsonObject, order: number): MutableConcept {
  refuseModifiers(`The concept '${String(json.code)}' of the code system`, json);
  const display = string(json.display);
  const definition = string(json.definition);
  return {
    code: string(json.code) ?? '',
    ...(display !== undefined && { display }),
    ...(definition !== undefined && { definition }),
    designations: readDesignations(json.designation),
    properties: readProperties(json.property),
    extensions: objects(json.extension),
    parents: [],
    children: [],
    order,
  };
}

export function readDesignations(json: unknown): Designation[] {
  return objects(json).map((one) => ({
    ...(one.extension !== undefined && { extension: objects(one.extension) }),
    ...(typeof one.language === 'string' && { language: one.language }),
    ...(typeof one.use === 'object' && one.use !== null && { use: one.use }),
    value: string(one.value) ?? '',
  }));
}

export function readProperties(json: unknown): ConceptProperty[] {
  return objects(json).flatMap((one) => {
    const element = Object.keys(one).find((key) => key.startsWith('value'));
    if (element === undefined || typeof one.code !== 'string') return [];
    return [{ code: one.code, element, value: one[element] }];
  });
}
