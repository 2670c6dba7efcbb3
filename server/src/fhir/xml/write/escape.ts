/** What stands for a character that XML 1.0 cannot carry. */
const REPLACEMENT = '\ufffd';

const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

// Halves of surrogate pairs are looked at more closely: nearly all texts have none.
const ATTRIBUTE_SUSPECTS = /[\0-\x1f"&<\ud800-\udfff\ufffe\uffff]/;
const ATTRIBUTE_ESCAPED = /[\0-\x1f"&<\ufffe\uffff]/g;
const TEXT_SUSPECTS = /[\0-\x08\x0b-\x1f&<>\ud800-\udfff\ufffe\uffff]/;
const TEXT_ESCAPED = /[\0-\x08\x0b-\x1f&<>\ufffe\uffff]/g;

/**
 * A text as the value of an attribute in double quotes. White space is written so that no reader turns it into
 * blanks; what no XML can carry (U+0001) becomes U+FFFD.
 */
export function escapeAttribute(text: string): string {
  return ATTRIBUTE_SUSPECTS.test(text) ? escaped(text, ATTRIBUTE_ESCAPED) : text;
}

/** A text as the content of an element, with the same replacements as {@link escapeAttribute}. */
export function escapeText(text: string): string {
  return TEXT_SUSPECTS.test(text) ? escaped(text, TEXT_ESCAPED) : text;
}

const escaped = (text: string, pattern: RegExp) =>
  text.toWellFormed().replace(pattern, (character) => REFERENCES.get(character) ?? REPLACEMENT);
