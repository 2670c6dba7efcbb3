import type { Condition } from '../../fhir/search/ast.ts';

const NOTHING: Condition = { kind: 'constant', value: false };

/**
 * The condition with chains to resources by themselves alone: whoever writes a resource says what it contains, and would open it by that, or
 * hide it.
 */
export function outsideOnly(condition: Condition): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { ...condition, conditions: condition.conditions.map(outsideOnly) };
    case 'not':
    case 'has':
      return { ...condition, condition: outsideOnly(condition.condition) };
    case 'chain':
      return {
        ...condition,
        targets: condition.targets.map(({ type, condition: one }) => ({
          type,
          condition: outsideOnly(one),
          inside: NOTHING,
        })),
      };
    default:
      return condition;
  }
}
