import type { Condition } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { readFilter } from './filter/readFilter.ts';
import { LeafReader } from './leaf.ts';
import { checkOwnModifier } from './modifiers.ts';
import { parseName } from './name.ts';
import { onEachType } from './onEachType.ts';
import { NameResolver } from './resolve.ts';
import type { SearchTypes } from './scope.ts';

const FILTER = '_filter';

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
  if (parsed.kind === 'leaf' && parsed.code === FILTER) {
    checkOwnModifier('every type', FILTER, parsed.modifier, []);
    return readFilter(context, types, value);
  }
  const values = new LeafReader(context, name, value);
  const resolver = new NameResolver(context, {
    leaf: (type, leaf, code) => values.condition(type, { ...leaf, code }),
    where: () => {
      throw new Error('The name of a parameter has no brackets');
    },
  });
  return onEachType(context, types, parsed, (type) => resolver.resolve(type, parsed));
}
