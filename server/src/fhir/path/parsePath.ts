import { PathSyntaxError } from './errors.ts';
import type { Ast } from './parse/ast.ts';
import { parsePath } from './parse/parse.ts';

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

/** The expression is FHIRPath, but not in the part of it that is walked. */
class NotSimpleError extends Error {}

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
    return pathsOf(parsePath(expression), isRoot);
  } catch (error) {
    if (error instanceof PathSyntaxError || error instanceof NotSimpleError) return undefined;
    throw error;
  }
}

/** Several when a union in parentheses is followed by steps: `(a | b).c`. */
function pathsOf(ast: Ast, isRoot: (name: string) => boolean): SimplePath[] {
  const extended = (of: Ast | undefined, steps: readonly PathStep[]): SimplePath[] =>
    (of ? pathsOf(of, isRoot) : [{ root: '', steps: [] }]).map((path) => ({
      root: path.root,
      steps: [...path.steps, ...steps],
    }));
  switch (ast.kind) {
    case 'binary':
      if (ast.operator !== '|') throw new NotSimpleError();
      return [...pathsOf(ast.left, isRoot), ...pathsOf(ast.right, isRoot)];
    case 'external':
      if (ast.name !== 'resource') throw new NotSimpleError();
      return [{ root: '%resource', steps: [] }];
    case 'member':
      if (ast.of === undefined && isRoot(ast.name)) return [{ root: ast.name, steps: [] }];
      return extended(ast.of, [{ kind: 'element', name: ast.name }]);
    case 'as':
      if (ast.type.namespace !== undefined) throw new NotSimpleError();
      return extended(ast.of, [{ kind: 'ofType', type: ast.type.name }]);
    case 'item':
      return extended(ast.of, [{ kind: 'item', index: indexOf(ast.index) }]);
    case 'call':
      return extended(ast.of, callSteps(ast.name, ast.args));
    default:
      throw new NotSimpleError();
  }
}

function callSteps(name: string, args: readonly Ast[]): PathStep[] {
  const [argument, ...others] = args;
  if (argument === undefined || others.length > 0) throw new NotSimpleError();
  if (name === 'ofType' || name === 'as') return [{ kind: 'ofType', type: nameOf(argument) }];
  if (name === 'extension') {
    return [
      { kind: 'element', name: 'extension' },
      { kind: 'where', element: 'url', equals: literalOf(argument) },
    ];
  }
  if (name === 'where') return [condition(argument)];
  throw new NotSimpleError();
}

function condition(ast: Ast): PathStep {
  if (ast.kind === 'binary' && ast.operator === '=') {
    return { kind: 'where', element: nameOf(ast.left), equals: literalOf(ast.right) };
  }
  const isResolved = ast.kind === 'is' && ast.of.kind === 'call' && ast.of.name === 'resolve';
  if (!isResolved || ast.type.namespace !== undefined) throw new NotSimpleError();
  const { of, args } = ast.of as Extract<Ast, { kind: 'call' }>;
  if (of !== undefined || args.length > 0) throw new NotSimpleError();
  return { kind: 'resolvesTo', type: ast.type.name };
}

function nameOf(ast: Ast): string {
  if (ast.kind === 'member' && ast.of === undefined) return ast.name;
  throw new NotSimpleError();
}

/** A text that can stand in an expression as it is. */
function literalOf(ast: Ast): string {
  if (ast.kind !== 'literal' || ast.literal.type !== 'string') throw new NotSimpleError();
  if (/['\\]/.test(ast.literal.value)) throw new NotSimpleError();
  return ast.literal.value;
}

function indexOf(ast: Ast): number {
  if (ast.kind !== 'literal' || ast.literal.type !== 'integer') throw new NotSimpleError();
  return Number(ast.literal.text);
}
