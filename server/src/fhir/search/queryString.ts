import { fhirError } from '../outcome.ts';

/**
 * Decodes `a=1&b=2`, keeping order and repetition; `+` is a space.
 *
 * @param max pairs that are read: what takes fewer refuses them all the same
 * @throws FhirError `incorrect` on broken percent-encoding and NUL characters
 */
export function parseQuery(text: string, max = Infinity): [string, string][] {
  const pairs: [string, string][] = [];
  for (let from = 0; from < text.length && pairs.length < max;) {
    const next = text.indexOf('&', from);
    const end = next < 0 ? text.length : next;
    if (end > from) pairs.push(parsePair(text.slice(from, end)));
    from = end + 1;
  }
  return pairs;
}

function parsePair(part: string): [string, string] {
  const equals = part.indexOf('=');
  const name = equals < 0 ? part : part.slice(0, equals);
  return [
    decodePart(name.replaceAll('+', ' ')),
    decodePart(equals < 0 ? '' : part.slice(equals + 1).replaceAll('+', ' ')),
  ];
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
