import type { Condition } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { SearchFault, quoted, unknown } from './faults.ts';
import { LeafReader } from './leaf.ts';
import { parseName, type Name } from './name.ts';
import { commonCodes, parameterCodes } from './parameters.ts';
import { resolveName } from './resolve.ts';
import type { SearchTypes } from './scope.ts';

const NOTHING: Condition = { kind: 'constant', value: false };

/**
 * What one pair of the query means on each of the types that are searched.
 *
 * @throws SearchFault
 */
export function readConditions(
  context: SearchContext,
  types: SearchTypes,
  name: string,
  value: string,
): Map<string, Condition> {
  const parsed = parseName(name);
  const values = new LeafReader(context, name, value);
  const resolve = resolveName(context, {
    leaf: (type, leaf) => values.condition(type, leaf),
    where: () => {
      throw new Error('The name of a parameter has no brackets');
    },
  });
  return onEachType(context, types, (type) => resolve(type, parsed), codeOf(parsed));
}

/**
 * At system level a parameter must be one of all the types (http://hl7.org/fhir/R4/search.html#searchcontexts). A `_has`
 * is; on a type that its reference never leads to it finds nothing.
 */
export function onEachType(
  context: SearchContext,
  { types, named }: SearchTypes,
  read: (type: string) => Condition,
  code?: string,
): Map<string, Condition> {
  const conditions = new Map<string, Condition>();
  let unreachable: SearchFault | undefined;
  for (const type of types) {
    try {
      conditions.set(type, read(type));
    } catch (error) {
      if (!(error instanceof SearchFault)) throw error;
      if (error.kind === 'unreachable') {
        unreachable = error;
        conditions.set(type, NOTHING);
      } else if (isNoText(context, type, code) && !named) {
        conditions.set(type, NOTHING);
      } else throw isMissing(context, type, code) ? notOnAll(context, types, named, type, code!) : error;
    }
  }
  if (unreachable && [...conditions.values()].every((condition) => condition === NOTHING)) throw unreachable;
  return conditions;
}

/** The parameter that the type itself must have; undefined for `_has`. */
const codeOf = (name: Name) => (name.kind === 'has' ? undefined : name.code);

/** `_text` is one of all resources, but some have no narrative. */
const isNoText = (context: SearchContext, type: string, code: string | undefined) =>
  code === '_text' && context.definitions.searchParameter(type, code) === undefined;

const isMissing = (context: SearchContext, type: string, code: string | undefined) =>
  code !== undefined && !parameterCodes(context, type).includes(code) && code !== '_query';

function notOnAll(
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
