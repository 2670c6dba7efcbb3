import type { JsonObject } from '../../../fhir/resource.ts';
import { FORM, pair, type Form } from '../keys.ts';
import { asObject, asText, items } from './json.ts';

/** One way in which a token can be asked for. */
export interface TokenForm {
  form: Form;
  text: string;
}

/** Reads the forms of a token element; empty when it holds nothing to search by. */
export type TokenReader = (value: unknown) => TokenForm[];

/**
 * How a token parameter reads elements of a type (http://hl7.org/fhir/R4/search.html#token); undefined for types
 * that are no tokens. Codes are matched exactly, because case counts in most code systems and the element does
 * not tell; strings whatever their case.
 */
export function tokenReader(type: string): TokenReader | undefined {
  return READERS[type];
}

/** Whether a token of this type stands without a system of its own: every primitive. */
export function isBareToken(type: string): boolean {
  return READERS[type] === primitiveForms || type === STRING;
}

/** What a bare token of a type is compared by. */
export const bareText = (type: string, text: string): string => (type === STRING ? text.toLowerCase() : text);

const STRING = 'string';

/** `[any system, with system, system alone]`, or `[any system, no system]`: those that lists are ordered by come first. */
export function codingForms(system: string | undefined, code: string | undefined): TokenForm[] {
  if (code === undefined) return system === undefined ? [] : [{ form: FORM.system, text: system }];
  if (system === undefined) {
    return [
      { form: FORM.code, text: code },
      { form: FORM.noSystemCode, text: code },
    ];
  }
  return [
    { form: FORM.code, text: code },
    { form: FORM.systemCode, text: pair(system, code) },
    { form: FORM.system, text: system },
  ];
}

/** Text of an identifier asked for by its type, for `:of-type`. */
export function ofTypeText(typeSystem: string, typeCode: string, value: string): string {
  return pair(pair(typeSystem, typeCode), value);
}

const READERS: Record<string, TokenReader> = {
  CodeableConcept: (value) => items(asObject(value)?.['coding']).flatMap(coding),
  Coding: coding,
  Identifier: (value) => {
    const identifier = asObject(value);
    return identifier ? identifierForms(identifier) : [];
  },
  ContactPoint: (value) => {
    const point = asObject(value);
    return point ? codingForms(asText(point['system']), asText(point['value'])) : [];
  },
  boolean: primitiveForms,
  code: primitiveForms,
  id: primitiveForms,
  string: (value) => primitiveForms(value).map(({ form, text }) => ({ form, text: bareText(STRING, text) })),
  uri: primitiveForms,
  canonical: primitiveForms,
  url: primitiveForms,
  oid: primitiveForms,
  uuid: primitiveForms,
};

function coding(value: unknown): TokenForm[] {
  const object = asObject(value);
  return object ? codingForms(asText(object['system']), asText(object['code'])) : [];
}

function identifierForms(identifier: JsonObject): TokenForm[] {
  const value = asText(identifier['value']);
  const forms = codingForms(asText(identifier['system']), value);
  if (value === undefined) return forms;
  for (const item of items(asObject(identifier['type'])?.['coding'])) {
    const type = asObject(item);
    const code = asText(type?.['code']);
    if (code === undefined) continue;
    forms.push({ form: FORM.ofType, text: ofTypeText(asText(type?.['system']) ?? '', code, value) });
  }
  return forms;
}

function primitiveForms(value: unknown): TokenForm[] {
  const text = typeof value === 'boolean' ? String(value) : asText(value);
  return text === undefined ? [] : [{ form: FORM.code, text }];
}
