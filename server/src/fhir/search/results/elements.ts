import type { Definitions } from '../../definitions/types.ts';
import { listed, quoted, tooCostly, unknown, wrong } from '../faults.ts';
import { ELEMENTS_MAX } from '../limits.ts';

/**
 * `_elements` (http://hl7.org/fhir/R4/search.html#elements): names of top-level elements; of a choice the stem, so
 * `value[x]` and `valueQuantity` become `value`.
 *
 * @throws SearchFault when none of the types has such an element
 */
export function parseElements(definitions: Definitions, types: readonly string[], value: string): string[] {
  const names = value.split(',');
  if (names.length > ELEMENTS_MAX) throw tooCostly(`_elements has more than ${ELEMENTS_MAX} names.`);
  if (names.includes(''))
    throw wrong('_elements has an empty name: write element names separated by commas.');
  const elements = names.filter((name) => name !== 'resourceType'); // no element, but always there
  return [...new Set(elements.map((name) => elementName(definitions, types, name)))];
}

function elementName(definitions: Definitions, types: readonly string[], name: string): string {
  for (const type of types) {
    for (const element of definitions.type(type)?.elements ?? []) {
      if (element.name === name) return name;
      if (!element.choice || !name.startsWith(element.name)) continue;
      const rest = name.slice(element.name.length);
      if (rest === '[x]' || element.types.some(({ code }) => capitalized(code) === rest)) return element.name;
    }
  }
  const only = types.length === 1 ? definitions.type(types[0]!) : undefined;
  const known = only
    ? ` ${only.name} has ${listed(only.elements.map((element) => element.name).sort())}.`
    : '';
  throw unknown(
    `_elements names ${quoted(name)}, which is no top-level element of ${typesText(types)}.${known}`,
  );
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const typesText = (types: readonly string[]) => (types.length === 1 ? types[0]! : 'the types searched');
