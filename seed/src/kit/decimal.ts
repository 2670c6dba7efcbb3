/**
 * Decimals that keep their digits. In FHIR 1.50 says more than 1.5 (precision is part of the value,
 * http://hl7.org/fhir/R4/datatypes.html#decimal), which a JavaScript number cannot hold.
 */
interface RawJson {
  rawJSON(text: string): unknown;
}

/**
 * The decimal written exactly as `text`, e.g. `1.50`. What comes back is a raw JSON value that `JSON.stringify`
 * prints digit by digit; it is typed as the number that it stands for so that FHIR's types accept it, but it is
 * not one: compute first, then make the decimal.
 */
export function decimal(text: string): number {
  if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) throw new RangeError(`decimal: ${text} is not a plain decimal`);
  return (JSON as unknown as RawJson).rawJSON(text) as number;
}

/** `value` rounded to `places` decimal places, trailing zeros kept. */
export function fixed(value: number, places: number): number {
  return decimal(value.toFixed(places));
}

/** An amount of money given in cents, with its two decimal places. */
export function money(cents: number): { value: number; currency: 'USD' } {
  return { value: fixed(cents / 100, 2), currency: 'USD' };
}
