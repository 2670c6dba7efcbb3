/** How JSON writes numbers (RFC 8259 6), and FHIR decimals. */
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
const INTEGERS = new Set(['integer', 'positiveInt', 'unsignedInt']);
/** http://hl7.org/fhir/R4/datatypes.html#integer */
const INTEGER = /^(0|[-+]?[1-9][0-9]*)$/;

const rawJson = (JSON as unknown as { rawJSON(text: string): object }).rawJSON;

/** A value that JSON has no way to write as one of its type. */
export const NO_VALUE = Symbol('no value');

/**
 * The value of a primitive as JSON has it (http://hl7.org/fhir/R4/json.html#primitive); a number that a double cannot
 * carry keeps its source text. What the type says beyond that is for the validator.
 *
 * @param type FHIR type @param text of the attribute `value`
 */
export function jsonOfPrimitive(type: string, text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : NO_VALUE;
  if (type === 'decimal') return jsonNumber(text);
  if (!INTEGERS.has(type)) return text;
  // A sign that the type allows, but JSON does not.
  return INTEGER.test(text) ? jsonNumber(text.replace('+', '')) : NO_VALUE;
}

function jsonNumber(text: string): unknown {
  if (!NUMBER.test(text)) return NO_VALUE;
  const number = Number(text);
  return String(number) === text ? number : rawJson(text);
}
