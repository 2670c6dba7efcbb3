import type { Definitions } from '../../fhir/definitions/types.ts';
import type { Condition } from '../../fhir/search/ast.ts';
import type { HiddenParameter } from '../access.ts';
import type { ElementPath } from './elementPaths.ts';
import { looksAt } from './looksAt.ts';

/** Says which elements of a type are hidden. */
export type HiddenOf = (type: string) => readonly ElementPath[];

/** The first parameter of a condition that looks at a hidden element of the type that it is asked of. */
export function hiddenParameter(
  definitions: Definitions,
  hiddenOf: HiddenOf,
  type: string,
  condition: Condition,
): HiddenParameter | undefined {
  const within = (inner: string, one: Condition) => hiddenParameter(definitions, hiddenOf, inner, one);
  const own = () => {
    const found = parametersOf(condition).find((one) => looksAt(definitions, type, one, hiddenOf(type)));
    return found && { type, code: found.code };
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      return first(condition.conditions, (part) => within(type, part));
    case 'not':
      return within(type, condition.condition);
    case 'chain':
      return own() ?? first(condition.targets, (target) => within(target.type, target.condition));
    case 'has': {
      const { parameter, type: source } = condition;
      const refers = looksAt(definitions, source, parameter, hiddenOf(source));
      return refers ? { type: source, code: parameter.code } : within(source, condition.condition);
    }
    case 'reference-hierarchy': {
      const { by, type: of } = condition;
      return own() ?? (looksAt(definitions, of, by, hiddenOf(of)) ? { type: of, code: by.code } : undefined);
    }
    case 'full-text':
      // What is hidden somewhere may stand in any text.
      if (hiddenOf(type).length === 0) return undefined;
      return { type, code: condition.where === 'narrative' ? '_text' : '_content' };
    default:
      return own();
  }
}

function parametersOf(condition: Condition) {
  if (condition.kind === 'compartment') return condition.parameters;
  return 'parameter' in condition ? [condition.parameter] : [];
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
