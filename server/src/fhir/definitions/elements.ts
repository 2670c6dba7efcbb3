import type { Definitions, ElementDefinition } from './types.ts';

/**
 * The elements that stand right below a type, or below an element of one.
 *
 * @param path name of a type, or the FHIR path of an element (`Bundle.link`) @returns none where nothing is defined
 */
export function elementsBelow(definitions: Definitions, path: string): readonly ElementDefinition[] {
  const [type, ...names] = path.split('.');
  let elements = definitions.type(type!)?.elements ?? [];
  for (const name of names) elements = elements.find((element) => element.name === name)?.children ?? [];
  return elements;
}

/** The name of an element where it has this type: `valueQuantity`. So it is called in JSON and in XML. */
export function nameWithType({ name, choice }: ElementDefinition, type: string): string {
  return choice ? name + type.charAt(0).toUpperCase() + type.slice(1) : name;
}
