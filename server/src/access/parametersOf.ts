import type { Condition } from '../fhir/search/ast.ts';
import type { Reach } from './access.ts';

/** Codes of the search parameters that these ask of the resource itself; not of others, to which a chain or `_has` leads. */
export function parametersOf(reaches: readonly Reach[]): ReadonlySet<string> {
  const codes = new Set<string>();
  for (const reach of reaches) if (typeof reach !== 'boolean') addCodes(codes, reach);
  return codes;
}

function addCodes(codes: Set<string>, condition: Condition): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.forEach((part) => addCodes(codes, part));
    case 'not':
      return addCodes(codes, condition.condition);
    case 'compartment':
    case 'of-patients':
      return condition.parameters.forEach(({ code }) => codes.add(code));
    case 'chain':
    case 'has':
      return; // takes the database
    default:
      if ('parameter' in condition) codes.add(condition.parameter.code);
  }
}
