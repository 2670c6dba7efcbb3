import { PathSyntaxError } from './errors.ts';
import { tokenize } from './tokens.ts';

/** One step of a path that generated code can walk. */
export type PathStep =
  | { kind: 'element'; name: string }
  | { kind: 'ofType'; type: string }
  /** `where(system = 'phone')` */
  | { kind: 'where'; element: string; equals: string }
  /** `[0]` */
  | { kind: 'item'; index: number }
  /** `where(resolve() is Patient)` */
  | { kind: 'resolvesTo'; type: string };

/** A path from a named start (a type, `%resource`, or empty when it begins at the context). */
export interface SimplePath {
  root: string;
  steps: PathStep[];
}

/**
 * Reads the part of FHIRPath that search parameters are made of: unions of element paths with `ofType`, `as`,
 * `where(element = 'literal')`, `where(resolve() is Type)`, `extension('url')` and an index.
 *
 * @param isRoot tells the names of types, which start a path, from those of elements
 * @returns the union's branches in order, or undefined when the expression uses anything else
 */
export function parseSimplePaths(
  expression: string,
  isRoot: (name: string) => boolean,
): SimplePath[] | undefined {
  try {
    return new PathParser(tokenize(expression), isRoot).parse();
  } catch (error) {
    if (error instanceof PathSyntaxError) return undefined;
    throw error;
  }
}

class PathParser {
  private at = 0;
  private readonly tokens: readonly string[];
  private readonly isRoot: (name: string) => boolean;

  constructor(tokens: readonly string[], isRoot: (name: string) => boolean) {
    this.tokens = tokens;
    this.isRoot = isRoot;
  }

  parse(): SimplePath[] {
    const paths = this.union();
    if (this.at < this.tokens.length) throw new PathSyntaxError();
    return paths;
  }

  private union(): SimplePath[] {
    const paths = this.path();
    while (this.accept('|')) paths.push(...this.path());
    return paths;
  }

  /** Several when a union in parentheses is followed by steps: `(a | b).c`. */
  private path(): SimplePath[] {
    let paths = this.start();
    for (;;) {
      let steps: PathStep[];
      if (this.accept('.')) steps = this.step();
      else if (this.accept('[')) steps = [this.item()];
      else if (this.accept('as')) steps = [{ kind: 'ofType', type: this.name() }];
      else return paths;
      paths = paths.map((path) => ({ root: path.root, steps: [...path.steps, ...steps] }));
    }
  }

  private start(): SimplePath[] {
    if (this.accept('(')) {
      const paths = this.union();
      this.expect(')');
      return paths;
    }
    if (this.accept('%resource')) return [{ root: '%resource', steps: [] }];
    const name = this.name();
    if (this.isRoot(name)) return [{ root: name, steps: [] }];
    this.at--;
    return [{ root: '', steps: this.step() }];
  }

  private step(): PathStep[] {
    const name = this.name();
    if (!this.accept('(')) return [{ kind: 'element', name }];
    const steps = this.call(name);
    this.expect(')');
    return steps;
  }

  private call(name: string): PathStep[] {
    if (name === 'ofType' || name === 'as') return [{ kind: 'ofType', type: this.name() }];
    if (name === 'extension') {
      const url = this.literal();
      return [
        { kind: 'element', name: 'extension' },
        { kind: 'where', element: 'url', equals: url },
      ];
    }
    if (name === 'where') return [this.condition()];
    throw new PathSyntaxError();
  }

  private condition(): PathStep {
    const element = this.name();
    if (element === 'resolve' && this.accept('(')) {
      this.expect(')');
      this.expect('is');
      return { kind: 'resolvesTo', type: this.name() };
    }
    this.expect('=');
    return { kind: 'where', element, equals: this.literal() };
  }

  private item(): PathStep {
    const digits = this.next();
    if (!/^\d+$/.test(digits)) throw new PathSyntaxError();
    this.expect(']');
    return { kind: 'item', index: Number(digits) };
  }

  private name(): string {
    const token = this.next();
    if (!/^[A-Za-z_]\w*$/.test(token)) throw new PathSyntaxError();
    return token;
  }

  private literal(): string {
    const token = this.next();
    if (!token.startsWith("'") || token.includes('\\')) throw new PathSyntaxError();
    return token.slice(1, -1);
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new PathSyntaxError();
    return token;
  }

  private accept(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.accept(token)) throw new PathSyntaxError();
  }
}
