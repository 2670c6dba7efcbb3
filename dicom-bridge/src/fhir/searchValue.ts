/** A value of a token parameter (http://hl7.org/fhir/R4/search.html#escaping). */
export const escaped = (text: string): string => text.replaceAll(/[\\,$|]/g, String.raw`\$&`);
