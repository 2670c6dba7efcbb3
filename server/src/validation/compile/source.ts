/**
 * Small helpers for the generator. Every name that comes from a definition passes through `quoted` or
 * `identifier`, because later definitions are loaded from packages that others wrote: none of it may become code.
 */

/** A JavaScript string literal. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A JavaScript identifier made of a prefix that says what it is and a FHIR name or path. */
export function identifier(prefix: string, fhirName: string): string {
  return `${prefix}_${fhirName.replaceAll(/[^A-Za-z0-9]/g, (c) => (c === '.' ? '_' : `$${c.codePointAt(0)}`))}`;
}

/** Lines indented by two spaces, so that generated code can be read. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
