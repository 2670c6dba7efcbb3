import { PathEvaluationError, PathSyntaxError } from '../errors.ts';
import type { Ast, Literal } from '../parse/ast.ts';
import { negate } from './arithmetic.ts';
import { binaryOperation } from './binary.ts';
import { constant, thisOperation, variableOperation } from './constants.ts';
import { FUNCTIONS } from './functions/functions.ts';
import { memberOperation, ownMemberOperation } from './navigate.ts';
import { NONE } from './nodes.ts';
import { ofItems, single, type Operation } from './operation.ts';
import type { PathModel } from './run.ts';
import type { Scope } from './scope.ts';
import type { Shape } from './shape.ts';
import { asOperation, isOperation } from './typed.ts';
import { Decimal } from './values/decimal.ts';
import { Quantity } from './values/quantity.ts';
import { Temporal } from './values/temporal.ts';
import { nodesOf, valueOf, type Value } from './values/values.ts';

/** Makes operations of the parts of an expression. */
export class Compiler implements Scope {
  readonly model: PathModel;
  readonly focus: readonly Shape[] | undefined;
  readonly strict: boolean;
  readonly asFilters: boolean;

  constructor(
    model: PathModel,
    focus: readonly Shape[] | undefined,
    options: { strict: boolean; asFilters: boolean },
  ) {
    this.model = model;
    this.focus = focus;
    this.strict = options.strict;
    this.asFilters = options.asFilters;
  }

  compileOn(ast: Ast, focus: readonly Shape[] | undefined): Operation {
    return new Compiler(this.model, focus, this).compile(ast);
  }

  compile(ast: Ast): Operation {
    switch (ast.kind) {
      case 'literal':
        return constant([literalValue(ast.literal)]);
      case 'empty':
        return constant([]);
      case 'this':
        return thisOperation(this.focus);
      case 'index':
        return ofItems((_, run) => nodesOf(run.index));
      case 'total':
        return ofItems((_, run) => run.total ?? NONE);
      case 'external':
        return variableOperation(ast.name);
      case 'member':
        return ast.of === undefined ? this.#first(ast.name) : this.#member(this.compile(ast.of), ast.name);
      case 'call':
        return this.#call(ast);
      case 'item':
        return this.#item(this.compile(ast.of), this.compile(ast.index));
      case 'sign':
        return this.#sign(ast.operator, this.compile(ast.of));
      case 'is':
      case 'as':
        return this.#typed(ast);
      case 'binary':
        return binaryOperation(ast.operator, this.compile(ast.left), this.compile(ast.right));
    }
  }

  /** A name that no other stands before: of an element, or of the type that the focus has. */
  #first(name: string): Operation {
    const { shapes } = this.model;
    const isType = /^[A-Z]/.test(name) && shapes.type(name) !== undefined;
    if (isType && !this.focus?.some((shape) => shape.membersNamed(name))) return this.#typeStart(name);
    const [only, ...others] = this.focus ?? [];
    if (only === undefined || others.length > 0 || only.isAnyResource) {
      return this.#member(thisOperation(this.focus), name);
    }
    if (this.strict && !only.membersNamed(name)) throw noElement(only.name, name);
    return ownMemberOperation(name, only, shapes);
  }

  #typeStart(name: string): Operation {
    const known = this.focus?.every(({ isAnyResource }) => !isAnyResource) ? this.focus : undefined;
    if (known?.every((shape) => shape.is(name))) return thisOperation(known);
    if (this.strict && known?.every((shape) => !shape.is(name))) {
      throw new PathSyntaxError(`the expression is about ${name} and not about ${known[0]?.name}`);
    }
    return ofItems((focus) => (focus.shape.is(name) ? [focus] : NONE));
  }

  #member(input: Operation, name: string): Operation {
    const { shapes } = input;
    if (this.strict && shapes?.length && !shapes.some((s) => s.isAnyResource || s.membersNamed(name))) {
      throw noElement(shapes[0]!.name, name);
    }
    return memberOperation(input, name, this.model.shapes);
  }

  #call({ of, name, args }: Extract<Ast, { kind: 'call' }>): Operation {
    const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]! : undefined;
    if (!found) throw new PathSyntaxError(`there is no function ${name}()`);
    if (args.length < found.min || args.length > found.max) {
      throw new PathSyntaxError(`${name}() does not take ${args.length} arguments`);
    }
    const input = of === undefined ? thisOperation(this.focus) : this.compile(of);
    return found.compile(input, args, this);
  }

  #item(input: Operation, index: Operation): Operation {
    if (this.strict && !input.ordered)
      throw new PathSyntaxError('an index is asked for where there is no order');
    return ofItems((focus, run) => {
      const items = input.items(focus, run);
      const at = single(index.items(focus, run), '[]');
      const value = at && valueOf(at);
      if (value === undefined) return NONE;
      if (typeof value !== 'number') throw new PathEvaluationError('an index is a whole number');
      const item = items[value];
      return item === undefined ? NONE : [item];
    }, input.shapes);
  }

  #sign(operator: '+' | '-', input: Operation): Operation {
    if (operator === '-') return ofItems((focus, run) => negate(input.items(focus, run)), input.shapes);
    return ofItems((focus, run) => {
      const items = input.items(focus, run);
      negate(items);
      return items;
    }, input.shapes);
  }

  #typed({ kind, of, type }: Extract<Ast, { kind: 'is' | 'as' }>): Operation {
    const input = this.compile(of);
    return kind === 'is' ? isOperation(input, type, this) : asOperation(input, type, this);
  }
}

function literalValue(literal: Literal): Value {
  switch (literal.type) {
    case 'boolean':
    case 'string':
      return literal.value;
    case 'integer': {
      const value = Number(literal.text);
      return value <= 2147483647 ? value : Decimal.parse(literal.text)!;
    }
    case 'decimal':
      return decimal(literal.text);
    case 'quantity':
      return new Quantity(decimal(literal.text), literal.unit, literal.calendar);
    default: {
      const value = Temporal.parse(literal.type, literal.text);
      if (!value) throw new PathSyntaxError(`there is no such ${literal.type} as @${literal.text}`);
      return value;
    }
  }
}

function decimal(text: string): Decimal {
  const value = Decimal.parse(text);
  if (!value) throw new PathSyntaxError('a number has too many digits');
  return value;
}

function noElement(type: string, name: string): PathSyntaxError {
  return new PathSyntaxError(`${type} has no element '${name}'`);
}
