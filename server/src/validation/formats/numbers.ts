const INT32_MAX = 2147483647;

export function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Any JSON number: FHIR sets no bound to a decimal (http://hl7.org/fhir/R4/datatypes.html#decimal). */
export function isDecimal(value: unknown): boolean {
  return typeof value === 'number';
}

/** A signed 32-bit integer. */
export function isInteger(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value;
}

/** 0 to 2,147,483,647. */
export function isUnsignedInt(value: unknown): boolean {
  return isInteger(value) && (value as number) >= 0;
}

/** 1 to 2,147,483,647. */
export function isPositiveInt(value: unknown): boolean {
  return isInteger(value) && (value as number) > 0 && (value as number) <= INT32_MAX;
}
