/** `:below`: the element begins with what is asked for; `:above`: the reverse, at whole segments (search.html#uri). */
export function uriMatches(value: unknown, asked: string, modifier: string | undefined): boolean {
  if (typeof value !== 'string') return false;
  if (value === asked) return true;
  if (modifier === 'below') return isAbove(asked, value);
  if (modifier === 'above') return isAbove(value, asked);
  return false;
}

/** Whether the longer address lies below the shorter one: it goes on after a slash. */
function isAbove(short: string, long: string): boolean {
  return !/^urn:/i.test(long) && long.startsWith(short.endsWith('/') ? short : `${short}/`);
}
