import type { Ast } from '../parse/ast.ts';
import type { Operation } from './operation.ts';
import type { PathModel } from './run.ts';
import type { Shape } from './shape.ts';

/** What is known where a part of an expression is compiled. */
export interface Scope {
  readonly model: PathModel;
  /** The types that the focus can be of; undefined: any. */
  readonly focus: readonly Shape[] | undefined;
  /** Whether what can never select anything is an error. */
  readonly strict: boolean;
  /** Whether `as` takes several values, and primitives by FHIRPath's names of types, as expressions of R4 have it. */
  readonly asFilters: boolean;
  /** @throws PathSyntaxError */
  compile(ast: Ast): Operation;
  /** Compiles what a function evaluates on each item of its input. */
  compileOn(ast: Ast, focus: readonly Shape[] | undefined): Operation;
}

/** A function of FHIRPath. */
export interface PathFunction {
  /** How many arguments it takes. */
  min: number;
  max: number;
  compile(input: Operation, args: readonly Ast[], scope: Scope): Operation;
}

export type PathFunctions = Readonly<Record<string, PathFunction>>;
