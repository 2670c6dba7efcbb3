import { FORM } from '../keys.ts';
import { asObject, asText } from './json.ts';
import { codingForms, type TokenForm } from './token.ts';

/** What a reference element can be found by. */
export interface ReferenceValue {
  /** `Type/id`, absolute URLs and canonicals, each also without its version and fragment. */
  texts: string[];
  /** Resource type it points at, where that can be seen. */
  targetType: string | undefined;
  /** Forms of a logical reference (Reference.identifier). */
  identifier: TokenForm[];
  /** Local id of what it points at within the same resource. */
  containedId?: string;
}

export type ReferenceReader = (value: unknown) => ReferenceValue | undefined;

const LITERAL = /^(?:.*\/)?([A-Z][A-Za-z]*)\/[A-Za-z0-9\-.]{1,64}(\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * How a reference parameter reads elements of a type; undefined for types that do not refer.
 *
 * @param ownBase absolute URL of this server's FHIR endpoint without a slash at its end: references that begin
 *   with it are the same as relative ones
 */
export function referenceReader(type: string, ownBase: string | undefined): ReferenceReader | undefined {
  switch (type) {
    case 'Reference':
      return (value) => readReference(value, ownBase);
    case 'canonical':
    case 'uri':
    case 'url':
      return (value) => readCanonical(value, ownBase);
    case 'Resource':
      return readInline;
    default:
      return undefined;
  }
}

/** `http://own.server/fhir/R4/Patient/1` becomes `Patient/1`; everything else stays as it is. */
export function withoutOwnBase(reference: string, ownBase: string | undefined): string {
  if (ownBase === undefined || !reference.startsWith(`${ownBase}/`)) return reference;
  return reference.slice(ownBase.length + 1);
}

/** The resource type in a literal reference, absolute or relative. */
export function targetTypeOf(reference: string): string | undefined {
  return LITERAL.exec(reference)?.[1];
}

function readReference(value: unknown, ownBase: string | undefined): ReferenceValue | undefined {
  const object = asObject(value);
  if (!object) return undefined;
  const literal = asText(object['reference']);
  const identifier = logicalForms(object['identifier']);
  const declared = asText(object['type']);
  // What is contained has no address of its own: nothing outside could ask for it.
  if (literal === undefined) return { texts: [], targetType: declared, identifier };
  if (literal.startsWith('#')) {
    return { texts: [], targetType: declared, identifier, containedId: literal.slice(1) };
  }
  const text = withoutOwnBase(literal, ownBase);
  const [, type, version] = LITERAL.exec(text) ?? [];
  const texts = version === undefined ? [text] : [text, text.slice(0, -version.length)];
  return { texts, targetType: type ?? declared, identifier };
}

function readCanonical(value: unknown, ownBase: string | undefined): ReferenceValue | undefined {
  const written = asText(value);
  if (written === undefined || written.startsWith('#')) return undefined;
  const text = withoutOwnBase(written, ownBase);
  return { texts: canonicalTexts(text), targetType: targetTypeOf(text), identifier: [] };
}

/** A canonical as it is written, without its `#fragment`, and without its `|version` as well: `url|version#fragment` is one of that version. */
export function canonicalTexts(canonical: string): string[] {
  const bare = canonical.replace(/[|#].*$/s, '');
  if (bare === canonical || bare === '') return [canonical];
  const whole = canonical.replace(/#.*$/s, '');
  return whole === canonical || whole === bare ? [canonical, bare] : [canonical, whole, bare];
}

/** A resource that stands in place of a reference to it, e.g. the Composition of a document. */
function readInline(value: unknown): ReferenceValue | undefined {
  const resource = asObject(value);
  const [type, id] = [asText(resource?.['resourceType']), asText(resource?.['id'])];
  if (type === undefined) return undefined;
  return { texts: id === undefined ? [] : [`${type}/${id}`], targetType: type, identifier: [] };
}

const LOGICAL_FORM: Record<string, TokenForm['form']> = {
  [FORM.systemCode]: FORM.identifierSystemValue,
  [FORM.code]: FORM.identifierValue,
  [FORM.noSystemCode]: FORM.identifierNoSystemValue,
  [FORM.system]: FORM.identifierSystem,
};

function logicalForms(value: unknown): TokenForm[] {
  const identifier = asObject(value);
  if (!identifier) return [];
  return codingForms(asText(identifier['system']), asText(identifier['value'])).flatMap(({ form, text }) => {
    const logical = LOGICAL_FORM[form];
    return logical === undefined ? [] : [{ form: logical, text }];
  });
}
