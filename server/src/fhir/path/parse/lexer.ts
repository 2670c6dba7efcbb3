import { PathSyntaxError } from '../errors.ts';

export type TokenKind =
  'name' | 'delimited' | 'string' | 'number' | 'temporal' | 'external' | 'variable' | 'symbol' | 'end';

export interface Token {
  kind: TokenKind;
  /** What it says: of strings and delimited names the content, of the others the text as written. */
  text: string;
  /** Where it begins and ends, in characters. */
  start: number;
  end: number;
}

/** One alternative for each kind, in the order in which they are tried; white space and comments lie between. */
const TOKEN = new RegExp(
  [
    String.raw`(?<space>(?:\s+|\/\/[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)+)`,
    String.raw`'(?<string>(?:[^'\\]|\\[\s\S])*)'`,
    '`(?<delimited>(?:[^`\\\\]|\\\\[\\s\\S])*)`',
    String.raw`@(?<temporal>T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?|\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)`,
    String.raw`(?<number>\d+(?:\.\d+)?)`,
    String.raw`%(?:(?<external>[A-Za-z_]\w*)|'(?<quoted>(?:[^'\\]|\\[\s\S])*)'|${'`'}(?<ticked>(?:[^${'`'}\\]|\\[\s\S])*)${'`'})`,
    String.raw`(?<variable>\$(?:this|index|total)\b)`,
    String.raw`(?<name>[A-Za-z_]\w*)`,
    String.raw`(?<symbol>!=|!~|<=|>=|[.,()[\]{}+\-*/|&<>=~])`,
  ].join('|'),
  'y',
);

const ESCAPES: Readonly<Record<string, string>> = { f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Cuts an expression into tokens, the last of which is the end.
 *
 * @throws PathSyntaxError at a character that no token begins with
 */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw new PathSyntaxError(`there is no FHIRPath token at character ${at + 1}`);
    const end = TOKEN.lastIndex;
    const found = tokenOf(groups);
    if (found) tokens.push({ ...found, start: at, end });
    at = end;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): Pick<Token, 'kind' | 'text'> | undefined {
  const { string, delimited, external, quoted, ticked } = groups;
  if (string !== undefined) return { kind: 'string', text: unescaped(string) };
  if (delimited !== undefined) return { kind: 'delimited', text: unescaped(delimited) };
  const name = external ?? quoted ?? ticked;
  if (name !== undefined) return { kind: 'external', text: unescaped(name) };
  for (const kind of ['temporal', 'number', 'variable', 'name', 'symbol'] as const) {
    if (groups[kind] !== undefined) return { kind, text: groups[kind] };
  }
  return undefined;
}

/** `\'` and the like, `\u0065`; any other character after a backslash stands for itself. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(parseInt(hex, 16)),
  );
}
