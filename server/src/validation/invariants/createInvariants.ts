import { elementsBelow } from '../../fhir/definitions/elements.ts';
import type { Constraint, Definitions } from '../../fhir/definitions/types.ts';
import { PathEvaluationError, PathLimitError, PathSyntaxError } from '../../fhir/path/errors.ts';
import {
  compileExpression,
  createPathModel,
  type CompiledExpression,
  type EvaluationContext,
} from '../../fhir/path/evaluate/compileExpression.ts';
import { Node, objectOf } from '../../fhir/path/evaluate/nodes.ts';
import type { ValidationState } from '../state.ts';
import { invariantUnchecked } from './broken.ts';
import { correctedExpression } from './corrections.ts';
import type { Invariant, InvariantsAt } from './invariant.ts';
import { StatePorts } from './statePorts.ts';

export interface Invariants {
  at: InvariantsAt;
  /**
   * The test of an expression that a profile brings; undefined where it is no FHIRPath.
   *
   * @param type of the values @param key says in a warning which invariant could not be checked
   */
  testOf(expression: string, type: string, key?: string): Invariant['test'] | undefined;
  /** An expression about values of a type, or at the path of an element; undefined where it is no FHIRPath. */
  compiled(expression: string, type: string): CompiledExpression | undefined;
  /**
   * What an expression selects in the resource where the check stands, as the objects of its JSON; of a primitive what stands
   * beside it. Undefined where it is no FHIRPath, or where that could not be found out.
   */
  selectionOf(expression: string): ((state: ValidationState) => ReadonlySet<unknown> | undefined) | undefined;
}

/** The invariants of these definitions, each compiled when the type that it is of is first met. */
export function createInvariants(definitions: Definitions): Invariants {
  const model = createPathModel(definitions);
  const ports = new StatePorts();
  const extensionShape = model.shapes.type('Extension')!;

  function testOf(text: string, type: string, key = 'an invariant'): Invariant['test'] | undefined {
    const expression = compiledOrNone(text, type);
    if (!expression) return undefined;
    return (value, state, depth, extension) => {
      const context = contextIn(state);
      if (extension) context.variables = new Map([['extension', [new Node(extension, extensionShape)]]]);
      try {
        // What is not true is broken, also what has no result.
        return expression.test(value, context) === true;
      } catch (error) {
        if (!(error instanceof PathEvaluationError)) throw error;
        unchecked(state, depth, key, error);
        return undefined;
      }
    };
  }

  function selectionOf(text: string): ReturnType<Invariants['selectionOf']> {
    const expression = compiledOrNone(text);
    return (
      expression &&
      ((state) => {
        try {
          return new Set(expression.evaluate(state.resource, contextIn(state)).map(objectOf));
        } catch (error) {
          if (!(error instanceof PathEvaluationError)) throw error;
          return undefined;
        }
      })
    );
  }

  function compiledOrNone(text: string, type?: string): CompiledExpression | undefined {
    try {
      return compileExpression(text, { model, asFilters: true, ...(type === undefined ? {} : { type }) });
    } catch (error) {
      if (error instanceof PathSyntaxError) return undefined;
      throw error;
    }
  }

  function contextIn(state: ValidationState): EvaluationContext {
    ports.state = state;
    const { resource, container: rootResource, budget } = state;
    return { resource, rootResource, ports, budget };
  }

  function invariant(constraint: Constraint, type: string): Invariant[] {
    const { key, expression } = constraint;
    const test = testOf(correctedExpression(key, expression), type, key);
    // One that is no FHIRPath can be a profile's; those of R4 all are, which a test sees to.
    return test ? [{ ...constraint, test }] : [];
  }

  return {
    testOf,
    compiled: compiledOrNone,
    selectionOf,
    at(path, type) {
      const ofType = path.includes('.') ? undefined : definitions.type(path);
      if (ofType) return (ofType.constraints ?? []).flatMap((constraint) => invariant(constraint, path));
      const parent = path.slice(0, path.lastIndexOf('.'));
      const element = elementsBelow(definitions, parent).find((candidate) => candidate.path === path);
      if (!element) return [];
      const hasOwn = element.children !== undefined || element.contentReference !== undefined;
      const of = hasOwn ? path : (type ?? element.types[0]?.code ?? 'Element');
      return (element.constraints ?? []).flatMap((constraint) => invariant(constraint, of));
    },
  };
}

/** An expression that needs too many steps is a warning; one that asks what is not known only where warnings are wanted. */
function unchecked(state: ValidationState, depth: number, key: string, error: PathEvaluationError): void {
  const isLimit = error instanceof PathLimitError;
  if (!isLimit && !state.thorough) return;
  const why = isLimit ? 'it takes too many steps' : error.message;
  invariantUnchecked(state, depth, key, why);
}
