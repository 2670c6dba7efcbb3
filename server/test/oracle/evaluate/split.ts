/** Splits where a separator stands that no backslash precedes; the parts keep their escapes (search.html#escaping). */
export function splitAt(text: string, separator: string): string[] {
  const parts = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === separator) parts.push('');
    else parts[parts.length - 1] += text[i] === '\\' ? text[i]! + (text[++i] ?? '') : text[i]!;
  }
  return parts;
}

export const unescape = (text: string): string => text.replace(/\\(.)/gs, '$1');

/** The pairs of a query string, percent-decoded. */
export function pairsOf(query: string): [string, string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
