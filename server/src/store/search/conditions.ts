import type { SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { Criterion } from '../../fhir/search/ast.ts';
import type { IndexQuery } from '../index/query.ts';
import type { ConditionContext } from './context.ts';
import { idCondition } from './id.ts';
import { referenceCondition } from './reference.ts';
import { stringCondition } from './string.ts';
import { tokenCondition } from './token.ts';
import { uriCondition } from './uri.ts';

/** A SQL condition on the resource table, which has the alias `m`. */
export type ConditionWriter = (context: ConditionContext, criterion: Criterion) => string;

const WRITERS: Partial<Record<string, ConditionWriter>> = {
  token: tokenCondition,
  reference: referenceCondition,
  string: stringCondition,
  uri: uriCondition,
};

const MODIFIERS: Record<string, ReadonlySet<string>> = {
  string: new Set(['exact']),
};

/** True if there is SQL and an index for this parameter with this modifier. */
export function canSearch(
  index: IndexQuery,
  type: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
): boolean {
  if (parameter.code === '_id') return modifier === undefined;
  if (WRITERS[parameter.type] === undefined || index.plan(type, parameter) === undefined) return false;
  return modifier === undefined || (MODIFIERS[parameter.type]?.has(modifier) ?? false);
}

/** The condition of one criterion. */
export function condition(context: ConditionContext, criterion: Criterion): string {
  if (criterion.parameter.code === '_id') return idCondition(context, criterion);
  const write = WRITERS[criterion.parameter.type];
  if (write === undefined) throw new Error(`no SQL for parameters of type ${criterion.parameter.type}`);
  return write(context, criterion);
}
