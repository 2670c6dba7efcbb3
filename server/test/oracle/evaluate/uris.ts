import type { Typed } from './paths.ts';

/**
 * `:below`: the element begins with what is asked for; `:above`: the reverse, at whole segments (search.html#uri). A
 * canonical is also found without its version (search.html#versions).
 */
export function uriMatches({ type, value }: Typed, asked: string, modifier: string | undefined): boolean {
  if (typeof value !== 'string') return false;
  const texts = type === 'canonical' ? [value, value.replace(/[|#].*$/s, '')] : [value];
  return texts.some(
    (text) =>
      text === asked ||
      (modifier === 'below' && isAbove(asked, text)) ||
      (modifier === 'above' && isAbove(text, asked)),
  );
}

/** Whether the longer address lies below the shorter one: it goes on after a slash. */
function isAbove(short: string, long: string): boolean {
  return !/^urn:/i.test(long) && long.startsWith(short.endsWith('/') ? short : `${short}/`);
}
