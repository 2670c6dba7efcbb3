import type { Condition } from '../../../fhir/search/ast.ts';

/**
 * The part of a condition that cannot be decided by one resource in memory, as a reader knows it (`'_lastUpdated'`,
 * `the chain 'subject.…'`); undefined where all of it can.
 */
export function unmatchable(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.map(unmatchable).find((part) => part !== undefined);
    case 'not':
      return unmatchable(condition.condition);
    case 'last-updated':
      return "'_lastUpdated'";
    case 'chain':
      return `the chain '${condition.parameter.code}.…'`;
    case 'has':
      return `'_has:${condition.type}:${condition.parameter.code}:…'`;
    case 'reference-hierarchy':
      return `'${condition.parameter.code}:${condition.direction}'`;
    case 'list':
      return "'_list'";
    case 'full-text':
      return condition.where === 'narrative' ? "'_text'" : "'_content'";
    default:
      return undefined;
  }
}
