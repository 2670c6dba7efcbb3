import { startsWith } from './strings.ts';
import type { Typed } from './paths.ts';
import { splitAt, unescape } from './split.ts';
import { list, object, text, type Json } from './world.ts';

/** A code with its system, as a resource holds it. */
interface Coded {
  system?: string | undefined;
  code?: string | undefined;
  /** Primitives have no system, or one that the element implies: only their code is compared. */
  isBare: boolean;
  /** "If the underlying data type is string then the search is not case sensitive." */
  anyCase?: boolean;
}

/** Primitives that a token parameter can search by (the table at the end of search.html). */
const PRIMITIVES = new Set([
  'boolean',
  'code',
  'id',
  'string',
  'uri',
  'url',
  'canonical',
  'oid',
  'uuid',
  'System.String',
]);

/** What a token parameter compares with, by the table of search.html#token. */
function codesOf({ type, value }: Typed): Coded[] {
  const json = object(value);
  switch (type) {
    case 'CodeableConcept':
      return list(json?.coding).map((coding) => coded(object(coding), 'code'));
    case 'Coding':
      return [coded(json, 'code')];
    case 'Identifier':
    case 'ContactPoint':
      return [coded(json, 'value')];
    default:
      return PRIMITIVES.has(type) ? [{ code: String(value), isBare: true, anyCase: type === 'string' }] : [];
  }
}

function coded(json: Json | undefined, name: string): Coded {
  return { system: text(json?.system), code: text(json?.[name]), isBare: false };
}

/** `code`, `system|code`, `|code` or `system|`. */
export function tokenMatches(typed: Typed, written: string): boolean {
  const [first = '', second] = splitAt(written, '|').map(unescape);
  return codesOf(typed).some(({ system, code, isBare, anyCase }) => {
    if (anyCase) return code?.toLowerCase() === (second ?? first).toLowerCase();
    if (second === undefined) return code === first;
    if (isBare) return code === second;
    if (second === '') return system === first;
    return code === second && (first === '' ? system === undefined : system === first);
  });
}

/** `:of-type`: `system|code|value`, of the type of an identifier and its value. */
export function ofTypeMatches({ value }: Typed, written: string): boolean {
  const [system, code, wanted] = splitAt(written, '|').map(unescape);
  const identifier = object(value);
  if (identifier?.value !== wanted) return false;
  return list(object(identifier?.type)?.coding).some(
    (coding) => object(coding)?.system === system && object(coding)?.code === code,
  );
}

/** Whether a text can stand beside a token of this type. */
export const hasTexts = ({ type }: Typed): boolean =>
  ['CodeableConcept', 'Coding', 'Identifier'].includes(type);

/** The texts that stand beside a token: what `:text` searches. */
export function textsOf({ type, value }: Typed): string[] {
  const json = object(value);
  const found =
    type === 'CodeableConcept'
      ? [json?.text, ...list(json?.coding).map((coding) => object(coding)?.display)]
      : type === 'Coding'
        ? [json?.display]
        : type === 'Identifier'
          ? [object(json?.type)?.text]
          : [];
  return found.filter((one) => typeof one === 'string');
}

export function tokenTextMatches(typed: Typed, written: string): boolean {
  return textsOf(typed).some((one) => startsWith(one, unescape(written)));
}

/** What tokens are sorted by: the code, or the value of an identifier or contact point. */
export function sortCodes(typed: Typed): string[] {
  return codesOf(typed).flatMap(({ code }) => (code === undefined ? [] : [code]));
}
