import { fhirError } from '../outcome.ts';

/**
 * Decodes `a=1&b=2`, keeping order and repetition; `+` is a space.
 *
 * @throws FhirError `incorrect` on broken percent-encoding and NUL characters
 */
export function parseQuery(text: string): [string, string][] {
  if (text === '') return [];
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const name = equals < 0 ? part : part.slice(0, equals);
      return [
        decodePart(name.replaceAll('+', ' ')),
        decodePart(equals < 0 ? '' : part.slice(equals + 1).replaceAll('+', ' ')),
      ];
    });
}

/** Percent-decoding of a part of the URL, or of a form. */
export function decodePart(text: string): string {
  if (!text.includes('%') && !text.includes('\0')) return text;
  let decoded;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw fhirError(
      'incorrect',
      'invalid',
      'The URL or the form has broken percent-encoding: encode it as UTF-8.',
    );
  }
  if (decoded.includes('\0'))
    throw fhirError('incorrect', 'invalid', 'The URL or the form contains a NUL character.');
  return decoded;
}
