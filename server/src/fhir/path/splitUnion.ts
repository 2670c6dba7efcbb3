import { PathSyntaxError } from './errors.ts';
import { lex, type Token } from './parse/lexer.ts';

const LOOSER_THAN_UNION: ReadonlySet<string> = new Set(
  'and or xor implies in contains = != ~ !~ < > <= >='.split(' '),
);

/**
 * Splits an expression at its outermost `|`, unless an operator that binds more loosely stands there too:
 * `a and b | c` means `a and (b | c)`. What is no FHIRPath stays whole.
 */
export function splitUnion(expression: string): string[] {
  const branches: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { kind, text, start: at, end } of tokensOf(expression)) {
    if (kind === 'symbol' && '([{'.includes(text)) depth++;
    else if (kind === 'symbol' && ')]}'.includes(text)) depth--;
    else if (depth > 0 || (kind !== 'symbol' && kind !== 'name')) continue;
    else if (LOOSER_THAN_UNION.has(text)) return [expression.trim()];
    else if (text === '|') {
      branches.push(expression.slice(start, at).trim());
      start = end;
    }
  }
  return [...branches, expression.slice(start).trim()];
}

function tokensOf(expression: string): readonly Token[] {
  try {
    return lex(expression);
  } catch (error) {
    if (error instanceof PathSyntaxError) return [];
    throw error;
  }
}
