import { PathSyntaxError } from '../errors.ts';
import type { Ast, BinaryOperator, Literal, TypeName } from './ast.ts';
import { lex, type Token } from './lexer.ts';

/** Characters of an expression that is read. */
export const EXPRESSION_CHARS_MAX = 20_000;
/** Operations inside of one another, in an expression that is read: what runs it goes down as far. */
export const EXPRESSION_DEPTH_MAX = 250;

/** Operators by how loosely they bind; `is` and `as` stand between `|` and `+`. */
const BINDING: ReadonlyMap<string, number> = new Map(
  [
    ['implies'],
    ['or', 'xor'],
    ['and'],
    ['in', 'contains'],
    ['=', '!=', '~', '!~'],
    ['<', '<=', '>', '>='],
    ['|'],
    ['is', 'as'],
    ['+', '-', '&'],
    ['*', '/', 'div', 'mod'],
  ].flatMap((operators, level) => operators.map((operator) => [operator, level + 1] as const)),
);

/** Words for units of time, in one and in many. */
const CALENDAR_UNITS: ReadonlySet<string> = new Set(
  ['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'].flatMap((unit) => [
    unit,
    `${unit}s`,
  ]),
);

/**
 * Reads FHIRPath (http://hl7.org/fhirpath/N1/grammar.html).
 *
 * @throws PathSyntaxError with what is wrong and where
 */
export function parsePath(text: string): Ast {
  if (text.length > EXPRESSION_CHARS_MAX) {
    throw new PathSyntaxError(`the expression is longer than ${EXPRESSION_CHARS_MAX} characters`);
  }
  return new Parser(lex(text)).parse();
}

class Parser {
  private at = 0;
  private readonly tokens: readonly Token[];
  private readonly depths = new WeakMap<Ast, number>();
  private nesting = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  parse(): Ast {
    const ast = this.expression(0);
    if (this.token.kind !== 'end') throw this.unexpected();
    return ast;
  }

  private expression(loosest: number): Ast {
    if (++this.nesting > EXPRESSION_DEPTH_MAX) throw tooDeep();
    let left = this.prefixed();
    for (;;) {
      const operator = this.operator();
      const level = operator === undefined ? undefined : BINDING.get(operator);
      if (operator === undefined || level === undefined || level <= loosest) break;
      this.at++;
      if (operator === 'is' || operator === 'as') {
        left = this.made({ kind: operator, of: left, type: this.typeName() }, left);
        continue;
      }
      const right = this.expression(level);
      left = this.made({ kind: 'binary', operator: operator as BinaryOperator, left, right }, left, right);
    }
    this.nesting--;
    return left;
  }

  private operator(): string | undefined {
    const { kind, text } = this.token;
    return kind === 'symbol' || kind === 'name' ? text : undefined;
  }

  private prefixed(): Ast {
    const { kind, text } = this.token;
    if (kind !== 'symbol' || (text !== '+' && text !== '-')) return this.invocations();
    if (++this.nesting > EXPRESSION_DEPTH_MAX) throw tooDeep();
    this.at++;
    const of = this.prefixed();
    this.nesting--;
    return this.made({ kind: 'sign', operator: text, of }, of);
  }

  private invocations(): Ast {
    let ast = this.term();
    for (;;) {
      if (this.accept('.')) ast = this.invocation(ast);
      else if (this.accept('[')) {
        const index = this.expression(0);
        this.expect(']');
        ast = this.made({ kind: 'item', of: ast, index }, ast, index);
      } else return ast;
    }
  }

  private term(): Ast {
    const token = this.token;
    const { kind, text } = token;
    if (kind === 'symbol' && this.accept('(')) {
      const inner = this.expression(0);
      this.expect(')');
      return inner;
    }
    if (kind === 'symbol' && this.accept('{')) {
      this.expect('}');
      return { kind: 'empty' };
    }
    const literal = this.literal();
    if (literal) return { kind: 'literal', literal };
    if (kind === 'external') {
      this.at++;
      return { kind: 'external', name: text, at: token.start };
    }
    return this.invocation(undefined);
  }

  private literal(): Literal | undefined {
    const { kind, text } = this.token;
    const isWord = kind === 'name' && (text === 'true' || text === 'false');
    if (!isWord && kind !== 'string' && kind !== 'number' && kind !== 'temporal') return undefined;
    this.at++;
    if (isWord) return { type: 'boolean', value: text === 'true' };
    if (kind === 'string') return { type: 'string', value: text };
    if (kind === 'number') return this.number(text);
    if (text.startsWith('T')) return { type: 'time', text: text.slice(1) };
    return { type: text.includes('T') ? 'dateTime' : 'date', text };
  }

  private number(text: string): Literal {
    const { kind, text: unit } = this.token;
    const calendar = kind === 'name' && CALENDAR_UNITS.has(unit);
    if (kind === 'string' || calendar) {
      this.at++;
      return { type: 'quantity', text, unit, calendar };
    }
    return { type: text.includes('.') ? 'decimal' : 'integer', text };
  }

  private invocation(of: Ast | undefined): Ast {
    const { kind, text, start: at } = this.token;
    if (kind === 'variable' && of === undefined) {
      this.at++;
      return { kind: text.slice(1) as 'this' | 'index' | 'total' };
    }
    const name = this.name();
    if (!this.accept('(')) return this.made({ kind: 'member', of, name, at }, of);
    const args: Ast[] = [];
    if (!this.accept(')')) {
      do args.push(this.expression(0));
      while (this.accept(','));
      this.expect(')');
    }
    return this.made({ kind: 'call', of, name, args, at }, of, ...args);
  }

  private typeName(): TypeName {
    const name = this.name();
    return this.accept('.') ? { namespace: name, name: this.name() } : { namespace: undefined, name };
  }

  private name(): string {
    const { kind, text } = this.token;
    if (kind !== 'name' && kind !== 'delimited') throw this.unexpected();
    this.at++;
    return text;
  }

  /** Notes how deep the tree is below a node, which is bounded. */
  private made(ast: Ast, ...parts: (Ast | undefined)[]): Ast {
    let depth = 0;
    for (const part of parts) if (part) depth = Math.max(depth, this.depths.get(part) ?? 0);
    if (depth >= EXPRESSION_DEPTH_MAX) throw tooDeep();
    this.depths.set(ast, depth + 1);
    return ast;
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private accept(symbol: string): boolean {
    const { kind, text } = this.token;
    if (kind !== 'symbol' || text !== symbol) return false;
    this.at++;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.unexpected(symbol);
  }

  private unexpected(wanted?: string): PathSyntaxError {
    const { kind, start } = this.token;
    const where = kind === 'end' ? 'the end' : `character ${start + 1}`;
    const what = wanted === undefined ? 'something else is expected' : `'${wanted}' is expected`;
    return new PathSyntaxError(`${what} at ${where} of the expression`);
  }
}

const tooDeep = () =>
  new PathSyntaxError(`the expression is nested deeper than ${EXPRESSION_DEPTH_MAX} operations`);
