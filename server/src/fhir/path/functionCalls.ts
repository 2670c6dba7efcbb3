/** Operators that may stand before a parenthesis. */
const OPERATORS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'xor',
  'implies',
  'in',
  'contains',
  'div',
  'mod',
  'is',
  'as',
]);

/** Strings, delimited names, comments, names, and any other character by itself (FHIRPath's grammar). */
const TOKEN =
  /'(?:[^'\\]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*|[A-Za-z_]\w*|\d+|\S/g;

/** The tokens of a FHIRPath expression, without comments. */
export function pathTokens(expression: string): string[] {
  const tokens = expression.match(TOKEN) ?? [];
  return tokens.filter((token) => !/^\/[*/]/.test(token));
}

/**
 * The functions that a FHIRPath expression calls, in order, as they are written: a name in backquotes keeps these, so
 * that it is in no list of known functions.
 */
export function functionCalls(expression: string): string[] {
  const tokens = pathTokens(expression);
  return tokens.filter((_, i) => isCall(tokens, i));
}

/** Whether a token of an expression is the name of a function that is called. */
export function isCall(tokens: readonly string[], i: number): boolean {
  return tokens[i + 1] === '(' && /^[A-Za-z_`]/.test(tokens[i] ?? '') && !isOperator(tokens, i);
}

/** `a in (b)` is an operator, `a.contains(b)` is not. */
function isOperator(tokens: readonly string[], i: number): boolean {
  return OPERATORS.has(tokens[i]!) && tokens[i - 1] !== '.';
}
