import type { SearchParameterDefinition, SearchParameterType } from '../definitions/types.ts';
import type { SearchContext } from './contract.ts';
import { listed, quoted, unknown } from './faults.ts';
import { typeList } from './typeList.ts';

/** Modifiers of each type of parameter (http://hl7.org/fhir/R4/search.html#modifiers). */
const MODIFIERS: Readonly<Record<SearchParameterType, readonly string[]>> = {
  string: ['missing', 'exact', 'contains'],
  token: ['missing', 'text', 'not', 'of-type', 'in', 'not-in', 'above', 'below'],
  reference: ['missing', 'identifier', 'above', 'below'],
  uri: ['missing', 'above', 'below'],
  date: ['missing'],
  number: ['missing'],
  quantity: ['missing'],
  composite: [],
  special: [],
};

/**
 * The modifier of a parameter, if it takes it: one of {@link MODIFIERS}, or for a reference the type it must point at.
 *
 * @throws SearchFault
 */
export function checkModifier(
  context: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
): { modifier?: string; targetType?: string } {
  if (modifier === undefined) return {};
  if (MODIFIERS[parameter.type].includes(modifier)) return { modifier };
  if (parameter.type === 'reference' && context.definitions.isResourceType(modifier)) {
    if (parameter.target?.includes(modifier) ?? true) return { targetType: modifier };
    throw unknown(
      `'${parameter.code}' of ${type} does not refer to ${modifier}: it refers to ${typeList(parameter.target ?? [])}.`,
    );
  }
  throw unknownModifier(type, parameter.code, modifier, taken(parameter));
}

/** @throws SearchFault unless the modifier is absent or one of the list */
export function checkOwnModifier(
  type: string,
  code: string,
  modifier: string | undefined,
  accepted: readonly string[],
): void {
  if (modifier === undefined || accepted.includes(modifier)) return;
  throw unknownModifier(type, code, modifier, takes(accepted));
}

function unknownModifier(type: string, code: string, modifier: string, accepted: string) {
  return unknown(`'${code}' of ${type} does not take the modifier ${quoted(`:${modifier}`)}. ${accepted}`);
}

function taken(parameter: SearchParameterDefinition): string {
  const accepted = MODIFIERS[parameter.type];
  if (parameter.type !== 'reference') return takes(accepted);
  return takes([
    ...accepted,
    parameter.target ? `the type it points at (${typeList(parameter.target)})` : 'a type',
  ]);
}

const takes = (accepted: readonly string[]) =>
  `It takes ${listed(accepted.map((word) => (word.includes(' ') ? word : `:${word}`)))}.`;
