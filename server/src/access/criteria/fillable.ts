import type { Condition } from '../../fhir/search/ast.ts';
import { foldString } from '../../store/index/fold.ts';
import { PolicyFault } from '../faults.ts';

/**
 * Allows variables only where their values are values whatever they are: in tokens, references, strings, URIs and ids. A
 * prefix (`gt2000`), the operators of full text or the grammar of `_filter` would make a question of a value.
 *
 * @throws PolicyFault
 */
export function requireFillable(name: string, condition: Condition): void {
  if (name === '_filter') throw notFillable(name);
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.forEach((part) => requireFillable(name, part));
    case 'not':
    case 'has':
      return requireFillable(name, condition.condition);
    case 'chain':
      return condition.targets.forEach((target) => requireFillable(name, target.condition));
    case 'string':
      return requireLetters(name, condition.values);
    case 'token-text':
      return requireLetters(name, condition.texts);
    case 'constant':
    case 'id':
    case 'list':
    case 'missing':
    case 'token':
    case 'of-type':
    case 'reference':
    case 'reference-hierarchy':
    case 'reference-identifier':
    case 'uri':
      return;
    default:
      throw notFillable(name);
  }
}

/** Every string begins with one that folds to nothing. */
function requireLetters(name: string, values: readonly string[]): void {
  if (values.every((value) => foldString(value) !== '')) return;
  throw new PolicyFault(`A variable gives '${name}' a value without a letter, which everything begins with.`);
}

const notFillable = (name: string) =>
  new PolicyFault(
    `The criteria have a variable in '${name}': variables can stand for tokens, references, strings, URIs and ids only.`,
  );
