import { contains, HIGHEST, LOWEST, overlaps, type End, type Span } from './span.ts';

/** What a value with its prefix asks for (search.html#prefix). */
export interface Comparison {
  prefix: string;
  /** The range of the value, by its precision: for eq and ne. */
  range: Span;
  /** Where the range above the value begins, and the range below it ends: for gt and sa, lt and eb. */
  above: End;
  below: End;
  /** The same for ge and le, which for a number take the very value, too. */
  atOrAbove: End;
  atOrBelow: End;
  /** What ge and le take as equal: of a number only the value itself, whatever its precision. */
  equal: Span;
  /** The range of ap. */
  near: Span;
}

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-+\d])/;

/** `ge2013` -> `ge` and `2013`. */
export function splitPrefix(text: string): [prefix: string, value: string] {
  const prefix = PREFIX.exec(text)?.[1];
  return prefix === undefined ? ['eq', text] : [prefix, text.slice(2)];
}

/** Whether a value of a resource satisfies the comparison: the right column of the table in search.html#prefix. */
export function satisfies(target: Span, asked: Comparison): boolean {
  const from = (low: End): Span => ({ low, high: HIGHEST });
  const upTo = (high: End): Span => ({ low: LOWEST, high });
  switch (asked.prefix) {
    case 'eq':
      return contains(asked.range, target);
    case 'ne':
      return !contains(asked.range, target);
    case 'gt':
      return overlaps(from(asked.above), target);
    case 'lt':
      return overlaps(upTo(asked.below), target);
    case 'ge':
      return overlaps(from(asked.atOrAbove), target) || contains(asked.equal, target);
    case 'le':
      return overlaps(upTo(asked.atOrBelow), target) || contains(asked.equal, target);
    case 'sa':
      return contains(from(asked.above), target);
    case 'eb':
      return contains(upTo(asked.below), target);
    case 'ap':
      return overlaps(asked.near, target);
  }
  throw new Error(`unknown prefix ${asked.prefix}`);
}
