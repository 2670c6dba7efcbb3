import type { JsonObject } from '../../../fhir/resource.ts';
import { asObject, asText, items } from './json.ts';

/** Reads the strings of an element, as they are written. */
export type StringReader = (value: unknown) => string[];

const NAME_PARTS = ['text', 'family', 'given', 'prefix', 'suffix'];
const ADDRESS_PARTS = ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'];

/** How a string parameter reads elements of a type (http://hl7.org/fhir/R4/search.html#string). */
export function stringReader(type: string): StringReader | undefined {
  switch (type) {
    case 'HumanName':
      return (value) => parts(asObject(value), NAME_PARTS);
    case 'Address':
      return (value) => parts(asObject(value), ADDRESS_PARTS);
    case 'string':
    case 'markdown':
    case 'code':
    case 'id':
    case 'uri':
    case 'url':
    case 'canonical':
      return (value) => {
        const text = asText(value);
        return text === undefined ? [] : [text];
      };
    default:
      return undefined;
  }
}

function parts(object: JsonObject | undefined, names: readonly string[]): string[] {
  if (!object) return [];
  const texts: string[] = [];
  for (const name of names) {
    const value = object[name];
    for (const item of Array.isArray(value) ? items(value) : [value]) {
      const text = asText(item);
      if (text !== undefined) texts.push(text);
    }
  }
  return texts;
}
