import type { SearchParameterDefinition } from '../definitions/types.ts';
import type { Condition } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { SearchFault, quoted, unknown } from './faults.ts';
import type { Name } from './name.ts';
import { commonCodes, parameterCodes, searchParameter } from './parameters.ts';
import type { Resolved } from './resolve.ts';
import type { SearchTypes } from './scope.ts';

/**
 * A condition for each of the types. At system level a parameter must be one of all of them
 * (http://hl7.org/fhir/R4/search.html#searchcontexts); `_has` and `_text` are, and find nothing on a type that they cannot
 * meet.
 *
 * @param name whose first step must be a parameter of every type
 * @throws SearchFault
 */
export function onEachType(
  context: SearchContext,
  { types, named }: SearchTypes,
  name: Name<unknown>,
  read: (type: string) => Resolved,
): Map<string, Condition> {
  const conditions = new Map<string, Condition>();
  let reached = false;
  let unreachable: SearchFault | undefined;
  for (const type of types) {
    try {
      const { condition, tests } = read(type);
      context.budget.spend(tests);
      conditions.set(type, condition);
      reached = true;
    } catch (error) {
      if (!(error instanceof SearchFault)) throw error;
      if (error.kind !== 'unreachable') {
        const isUnknown = error.kind === 'unknown' && isMissing(context, type, name);
        throw isUnknown ? missing(context, types, named, type, name.code) : error;
      }
      unreachable = error;
      conditions.set(type, { kind: 'constant', value: false });
    }
  }
  if (unreachable && !reached) throw unreachable;
  return conditions;
}

/** A parameter that each of the types must have, of one of them. @throws SearchFault */
export function parameterOfEach(
  context: SearchContext,
  { types, named }: SearchTypes,
  type: string,
  code: string,
): SearchParameterDefinition {
  try {
    return searchParameter(context, type, code);
  } catch (error) {
    const isUnknown = error instanceof SearchFault && error.kind === 'unknown';
    throw isUnknown && types.length > 1 ? missing(context, types, named, type, code) : error;
  }
}

/** Whether it is the first step that the type does not know; the parameter of a `_has` is another type's. */
function isMissing(context: SearchContext, type: string, name: Name<unknown>): boolean {
  return name.kind !== 'has' && !parameterCodes(context, type).includes(name.code);
}

function missing(
  context: SearchContext,
  types: readonly string[],
  named: boolean,
  type: string,
  code: string,
): SearchFault {
  const common = commonCodes(context, types).join(', ');
  if (types.length === 1) {
    return unknown(`${type} has no search parameter ${quoted(code)}. It has: ${common}.`);
  }
  return unknown(
    named
      ? `${type} has no search parameter ${quoted(code)}, and each type of _type must have it. They have in common: ${common}.`
      : `${quoted(code)} is not a search parameter of all resource types (${type} lacks it). Without _type there are: ${common}. Name types that have it in _type.`,
  );
}
