import type { Condition } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { ConditionContext } from './context.ts';
import { allOf, anyKey, anyOf } from './expressions.ts';
import type { Write } from './joins.ts';

type ChainCondition = Extract<Condition, { kind: 'chain' }>;

/**
 * A chain evaluated inside contained resources (http://hl7.org/fhir/R4/search.html#contained): the row refers to something that it
 * contains, of the type, which satisfies the condition. Where the row contains several on one path, each part of the condition
 * may hold of another.
 */
export function insideChain(
  context: ConditionContext,
  { parameter }: Pick<ChainCondition, 'parameter'>,
  type: string,
  condition: Condition,
  write: Write,
): string {
  const { index } = context;
  const slots = index.plan(context.type, parameter)?.slots ?? [];
  const leading = slots.filter(({ target }) => target === undefined || target === type);
  const paths = new Set(leading.map(({ slot }) => slot.text));
  return anyOf(
    [...paths].flatMap((path) => {
      const { present, query } = index.inside(path, type);
      if (!isAskable(query, type, condition)) return [];
      const inner: ConditionContext = { ...context, type, index: { ...index, ...query } };
      return [allOf([anyKey(context, [present]), write(inner, condition)])];
    }),
  );
}

/** Whether keys and side rows alone decide it, which is all that there is of what is contained. */
function isAskable(query: Pick<IndexQuery, 'plan'>, type: string, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.every((one) => isAskable(query, type, one));
    case 'not':
      return isAskable(query, type, condition.condition);
    case 'constant':
      return true;
    case 'uri':
      return !condition.match.endsWith('-below') && isFound(query, type, condition);
    case 'token':
    case 'of-type':
    case 'string':
    case 'date':
    case 'number':
    case 'quantity':
    case 'reference':
    case 'reference-identifier':
    case 'missing':
      return isFound(query, type, condition);
    default:
      return false;
  }
}

const isFound = (
  query: Pick<IndexQuery, 'plan'>,
  type: string,
  { parameter }: Pick<ChainCondition, 'parameter'>,
): boolean => query.plan(type, parameter) !== undefined && !parameter.code.startsWith('_');
