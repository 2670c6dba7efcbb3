const HTML: readonly (readonly [string, string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
];

const ENCODINGS: Readonly<Record<string, BufferEncoding>> = {
  hex: 'hex',
  base64: 'base64',
  urlbase64: 'base64url',
};

/** Of the text's UTF-8; undefined for an unknown format. */
export function encode(text: string, format: string): string | undefined {
  const encoding = ENCODINGS[format];
  if (encoding === undefined) return undefined;
  const encoded = Buffer.from(text, 'utf8').toString(encoding);
  // Node leaves out the padding that this form has.
  return format === 'urlbase64' ? encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=') : encoded;
}

export function decode(text: string, format: string): string | undefined {
  const encoding = ENCODINGS[format];
  return encoding === undefined ? undefined : Buffer.from(text, encoding).toString('utf8');
}

export function escape(text: string, target: string): string | undefined {
  if (target === 'json') return JSON.stringify(text).slice(1, -1);
  if (target !== 'html') return undefined;
  return HTML.reduce((escaped, [char, entity]) => escaped.replaceAll(char, entity), text);
}

/** @returns undefined for an unknown target, and for what is no text of it */
export function unescape(text: string, target: string): string | undefined {
  if (target === 'html') {
    return HTML.toReversed().reduce((plain, [char, entity]) => plain.replaceAll(entity, char), text);
  }
  if (target !== 'json') return undefined;
  try {
    // A quotation mark that is not escaped would end the literal.
    return JSON.parse(`"${text.replace(/\\.|"/gs, (part) => (part === '"' ? '\\"' : part))}"`) as string;
  } catch {
    return undefined;
  }
}
