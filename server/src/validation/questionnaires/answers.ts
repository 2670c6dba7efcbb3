import type { JsonObject } from '../../fhir/resource.ts';
import { isObject } from '../state.ts';

/** Types of value that an answer to an item of a type may have (http://hl7.org/fhir/R4/valueset-item-type.html). */
const VALUE_OF_TYPE: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['boolean', ['valueBoolean']],
  ['decimal', ['valueDecimal']],
  ['integer', ['valueInteger']],
  ['date', ['valueDate']],
  ['dateTime', ['valueDateTime']],
  ['time', ['valueTime']],
  ['string', ['valueString']],
  ['text', ['valueString']],
  ['url', ['valueUri']],
  ['choice', ['valueCoding']],
  ['open-choice', ['valueCoding', 'valueString']],
  ['attachment', ['valueAttachment']],
  ['reference', ['valueReference']],
  ['quantity', ['valueQuantity']],
]);

/** The properties that a value for an item of a type may stand in; undefined for what is no type, or has no value. */
export const namesOfType = (type: unknown): readonly string[] | undefined => VALUE_OF_TYPE.get(type);

/** Name and content of the value of an answer, an option or a condition (`stem` `value` or `answer`). */
export function valueIn(object: JsonObject, stem = 'value'): { name: string; value: unknown } | undefined {
  const key = Object.keys(object).find(
    (name) => name.startsWith(stem) && /^[A-Z]/.test(name.slice(stem.length)),
  );
  return key === undefined ? undefined : { name: `value${key.slice(stem.length)}`, value: object[key] };
}

/** The properties that the value of an answer to an item may stand in; the options of a choice may be of other types than codes. */
export function valueNames(item: JsonObject): readonly string[] {
  const names = namesOfType(item.type) ?? [];
  const options = optionsOf(item).map(({ name }) => name);
  return options.length === 0 ? names : [...new Set([...names, ...options])];
}

/** The values of an item's answerOption. */
export function optionsOf(item: JsonObject): { name: string; value: unknown }[] {
  return objectsIn(item.answerOption).flatMap((option) => valueIn(option) ?? []);
}

/** Whether two values mean the same: codings by system and code, quantities by number and unit, others as they are. */
export function isSame(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return one === other;
  const names = ['system', 'code', 'value', 'unit', 'reference'];
  const wanted = names.filter((name) => other[name] !== undefined);
  return wanted.length > 0 && wanted.every((name) => one[name] === other[name]);
}

export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
