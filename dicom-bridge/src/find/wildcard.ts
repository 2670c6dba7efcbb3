/**
 * Whether a text is of a pattern in which `*` stands for any characters and `?` for one (PS3.4 section C.2.2.2.4). In time of the product of both
 * lengths at most, whatever a peer writes.
 */
export function isLike(text: string, pattern: string): boolean {
  let [at, of] = [0, 0];
  /** Where the last star was, and up to where it stands for characters. */
  let [star, covered] = [-1, 0];
  while (at < text.length) {
    if (of < pattern.length && pattern[of] === '*') {
      [star, covered] = [of, at];
      of += 1;
    } else if (of < pattern.length && (pattern[of] === '?' || pattern[of] === text[at])) {
      at += 1;
      of += 1;
    } else if (star >= 0) {
      covered += 1;
      [at, of] = [covered, star + 1];
    } else return false;
  }
  while (pattern[of] === '*') of += 1;
  return of === pattern.length;
}

export const hasWildcard = (pattern: string): boolean => /[*?]/.test(pattern);
