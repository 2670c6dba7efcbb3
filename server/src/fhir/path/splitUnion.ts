import { PathSyntaxError } from './errors.ts';

const TOKEN = /\s*('(?:[^'\\]|\\.)*'|%?[A-Za-z_]\w*|\d+|!=|[().|[\]=])/;

/**
 * Cuts an expression into names, literals (with their quotes), numbers and punctuation.
 * @throws PathSyntaxError at a character that none of them begins with
 */
export function tokenize(expression: string): string[] {
  const text = expression.trim();
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN, 'y');
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) throw new PathSyntaxError();
    tokens.push(match[1]!);
  }
  return tokens;
}

/**
 * Splits an expression at its outermost `|`, unless an operator that binds more loosely stands there too:
 * `a and b | c` means `a and (b | c)`.
 */
export function splitUnion(expression: string): string[] {
  const branches: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of expression.matchAll(
    /'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|[()[\]{}]|!?[=~]|[<>|]|./gs,
  )) {
    if ('([{'.includes(token)) depth++;
    else if (')]}'.includes(token)) depth--;
    else if (depth === 0 && LOOSER_THAN_UNION.has(token)) return [expression.trim()];
    else if (depth === 0 && token === '|') {
      branches.push(expression.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...branches, expression.slice(start).trim()];
}

const LOOSER_THAN_UNION = new Set([
  'and',
  'or',
  'xor',
  'implies',
  'in',
  'contains',
  '=',
  '!=',
  '~',
  '!~',
  '<',
  '>',
]);
