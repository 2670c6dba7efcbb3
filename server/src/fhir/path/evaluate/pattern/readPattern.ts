/** A regular expression as a tree. */
export type PatternTree =
  /** One character, by the text that says which; `^` and `$` take none. */
  | { kind: 'char'; source: string }
  | { kind: 'start' | 'end' }
  | { kind: 'sequence' | 'choice'; parts: PatternTree[] }
  | { kind: 'repeat'; of: PatternTree; min: number; max: number };

const ATOM =
  /\\(?:p\{[^}]*\}|P\{[^}]*\}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[^bBkpPux1-9])|\[\^?(?:[^\]\\]|\\[\s\S])*\]|[^\\[\](){}|*+?^$]|[\]{}]/suy;
const QUANTIFIER = /(?:([*+?])|\{(\d{1,6})(,(\d{0,6}))?\})\??/y;
const GROUP = /\((?:\?:|\?<[A-Za-z_]\w*>)?(?!\?)/y;

/**
 * Reads the regular expressions that have no memory and look no way: no back references, no look-arounds.
 *
 * @returns undefined for the others
 */
export function readPattern(source: string): PatternTree | undefined {
  let at = 0;

  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at = pattern.lastIndex;
    return match ?? undefined;
  }

  function choice(): PatternTree | undefined {
    const parts: PatternTree[] = [];
    do {
      const part = sequence();
      if (!part) return undefined;
      parts.push(part);
    } while (source[at] === '|' && ++at);
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
  }

  function sequence(): PatternTree | undefined {
    const parts: PatternTree[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      const part = quantified();
      if (!part) return undefined;
      parts.push(part);
    }
    return { kind: 'sequence', parts };
  }

  function quantified(): PatternTree | undefined {
    const of = atom();
    const match = of && take(QUANTIFIER);
    if (!match) return of;
    const [, sign, least, range, most] = match;
    const min = sign === undefined ? Number(least) : sign === '+' ? 1 : 0;
    const max = sign === undefined ? (range ? Number(most || Infinity) : min) : sign === '?' ? 1 : Infinity;
    return { kind: 'repeat', of: of!, min, max };
  }

  function atom(): PatternTree | undefined {
    if (take(GROUP)) {
      const inner = choice();
      return inner && source[at++] === ')' ? inner : undefined;
    }
    if (source[at] === '^' || source[at] === '$') return { kind: source[at++] === '^' ? 'start' : 'end' };
    const match = take(ATOM);
    return match && { kind: 'char', source: match[0] };
  }

  const tree = choice();
  return at === source.length ? tree : undefined;
}

/**
 * Steps that matching by trying one way after the other may take on a text, as the form of a pattern bounds it; Infinity
 * where repetitions are inside of one another or repeat a choice, so that the ways multiply.
 */
export function backtracks(tree: PatternTree, chars: number): number {
  return (chars + 1) * ways(tree, chars, false);
}

function ways(tree: PatternTree, chars: number, repeated: boolean): number {
  switch (tree.kind) {
    case 'sequence':
      return tree.parts.reduce((product, part) => product * ways(part, chars, repeated), 1);
    case 'choice':
      return repeated ? Infinity : tree.parts.reduce((sum, part) => sum + ways(part, chars, repeated), 0);
    case 'repeat':
      if (repeated) return Infinity;
      return (Math.min(tree.max, chars) + 1) * ways(tree.of, chars, tree.max > 1);
    default:
      return 1;
  }
}
