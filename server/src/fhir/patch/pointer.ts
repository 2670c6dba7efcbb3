/** The steps of a JSON Pointer (RFC 6901), unescaped; none for the whole document. */
export type Pointer = readonly string[];

/** Reads a JSON Pointer; undefined when the text is none. */
export function parsePointer(text: string): Pointer | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The index that a step names in an array (RFC 6901 4); undefined when it names none. */
export function arrayIndex(step: string): number | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : undefined;
}

/** The place after the last item of an array, where only `add` can put something. */
export const AFTER_LAST = '-';

/** Only what can be FHIR's is shown: anything else in a pointer may be content that lost its way. */
const ELEMENT_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;
const INDEX = /^(?:\d{1,9}|-)$/;

/** A pointer as the reader of an error gets it. */
export function pointerText(pointer: Pointer): string {
  if (pointer.length === 0) return 'the whole resource';
  const shown = (step: string) => ELEMENT_NAME.test(step) || INDEX.test(step);
  return pointer.map((step) => (shown(step) ? `/${step}` : '/(no element name)')).join('');
}

/** The FHIRPath of the element that a pointer leads to, as far as it has one: `Patient.name[0].family`. */
export function pointerExpression(resourceType: string, pointer: Pointer): string {
  let expression = resourceType;
  for (const step of pointer) {
    if (arrayIndex(step) !== undefined) expression += `[${step}]`;
    else if (ELEMENT_NAME.test(step)) expression += `.${step.replace(/^_/, '')}`;
    else break;
  }
  return expression;
}
