import { createMemo } from '../../fhir/units/memo.ts';
import { PathEvaluationError } from '../../fhir/path/errors.ts';
import type { CompiledExpression } from '../../fhir/path/evaluate/compileExpression.ts';
import { EVALUATION_STEPS_MAX } from '../../fhir/path/evaluate/run.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { Invariants } from '../invariants/createInvariants.ts';
import { isObject } from '../state.ts';

/** Expressions of questionnaires that are kept compiled. */
export const EXPRESSIONS_MAX = 1_000;

/** What R4 calls the type of a response, and of an item in it. */
export type Asked = 'QuestionnaireResponse' | 'QuestionnaireResponse.item';

/** Whether an expression holds for a response or an item of it; undefined: that cannot be found out. */
export type ExpressionTest = (expression: string, asked: Asked, value: JsonObject) => boolean | undefined;

/** Evaluates what questionnaires say in FHIRPath. */
export interface ResponseExpressions {
  /** For one response, which is `%resource`; all its expressions together take a bounded number of steps. */
  for(response: JsonObject): ExpressionTest;
}

/** Without ports: what asks terminology or follows references cannot be found out, nor what uses variables of SDC. */
export function createResponseExpressions({ compiled }: Pick<Invariants, 'compiled'>): ResponseExpressions {
  const memo = createMemo<CompiledExpression | 'none'>(EXPRESSIONS_MAX);

  function compiledOnce(text: string, asked: Asked): CompiledExpression | 'none' {
    const key = `${asked}:${text}`;
    let known = memo.get(key);
    if (known === undefined) memo.set(key, (known = compiled(text, asked) ?? 'none'));
    return known;
  }

  return {
    for(resource) {
      const budget = { left: EVALUATION_STEPS_MAX };
      return (text, asked, value) => {
        const expression = compiledOnce(text, asked);
        if (expression === 'none') return undefined;
        try {
          return expression.test(value, { resource, budget }) === true;
        } catch (error) {
          if (error instanceof PathEvaluationError) return undefined;
          throw error;
        }
      };
    },
  };
}

/** The FHIRPath of an Expression, or a text that is it; undefined: it is in another language, or only referred to. */
export function fhirPathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isObject(value) || value.language !== 'text/fhirpath') return undefined;
  return typeof value.expression === 'string' ? value.expression : undefined;
}
