const CHARACTER = /&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));/g;
const CODE_POINT_MAX = 0x10ffff;
/** What no URL has as it is (RFC 3986). */
const NOT_IN_URLS = /[{}<>"|\\^`]/;
const SCRIPT = /^(?:javascript|vbscript|livescript):/;
const STYLE = /expression\(|javascript:|vbscript:|behaviou?r:|-moz-binding|@import/;

/** True for an address that a browser would execute, or that is no URL. @param isImage it is shown, not opened */
export function isHarmfulAddress(value: string, isImage: boolean): boolean {
  const text = asBrowsersRead(value);
  if (SCRIPT.test(text) || NOT_IN_URLS.test(value)) return true;
  return text.startsWith('data:') && !(isImage && text.startsWith('data:image/'));
}

/** True for a style that fetches or executes something. */
export function isHarmfulStyle(value: string): boolean {
  return STYLE.test(asBrowsersRead(value));
}

/** The value with its character references resolved and without the white space that browsers ignore. */
function asBrowsersRead(value: string): string {
  const characters = value.includes('&') ? value.replace(CHARACTER, character) : value;
  return characters.replace(/[\0-\x20\u00a0]/g, '').toLowerCase();
}

function character(_text: string, hexadecimal: string | undefined, decimal: string | undefined): string {
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  return code > 0 && code <= CODE_POINT_MAX ? String.fromCodePoint(code) : '';
}
