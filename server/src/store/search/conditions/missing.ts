import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Condition } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { ConditionContext } from './context.ts';
import { anyKey, anyOf, isKey, sideRow } from './expressions.ts';

/** What every resource has, without an index row that says so. */
const NEVER_MISSING: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

/** `:missing` (http://hl7.org/fhir/R4/search.html#modifiers) */
export function missingCondition(
  context: ConditionContext,
  { parameter, missing }: Extract<Condition, { kind: 'missing' }>,
): string {
  const { parameters } = context;
  const presence = presenceOf(context, parameter);
  if (presence === 'always') return String(!missing);
  const where: string[] = [];
  if (presence.mainDate) where.push(`${context.alias}.date_lo IS NOT NULL`);
  where.push(anyKey(context, presence.keys));
  for (const table of ['strings', 'ranges'] as const) {
    const params = presence[table];
    if (params.length > 0) {
      where.push(sideRow(context, table, (row) => isKey(parameters, `${row}.param`, params)));
    }
  }
  return missing ? `NOT ${anyOf(where)}` : anyOf(where);
}

/** Where it shows that a parameter has a value. */
export function presenceOf(
  { index, type }: Pick<ConditionContext, 'index' | 'type'>,
  parameter: SearchParameterDefinition,
): ReturnType<IndexQuery['presence']> {
  return NEVER_MISSING.has(parameter.code) ? 'always' : index.presence(type, parameter);
}
