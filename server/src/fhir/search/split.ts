import { ValueFault } from './faults.ts';

/**
 * Splits at a separator that is not escaped by a backslash (http://hl7.org/fhir/R4/search.html#escaping). The
 * parts stay escaped.
 */
export function splitUnescaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/**
 * Removes the backslashes of `\,` `\|` `\$` `\\`. Any other is illegal (search.html#escaping).
 *
 * @throws ValueFault
 */
export function unescapeValue(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.?)/gs, (_, escaped: string) => {
    if (escaped !== '' && ',|$\\'.includes(escaped)) return escaped;
    throw new ValueFault(
      'has a backslash that escapes nothing: write \\\\ for a backslash; \\, \\| and \\$ are the other escapes.',
    );
  });
}

/** The text that {@link unescapeValue} makes this one of. */
export function escapeValue(text: string): string {
  return text.replace(/[,|$\\]/g, '\\$&');
}
