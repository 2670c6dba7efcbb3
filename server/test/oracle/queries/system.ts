import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { clausePair } from './clause.ts';
import { parameterPair, type Pair } from './parameter.ts';
import { plainParameters } from './parameters.ts';
import { includePairs, totalPair } from './results.ts';
import type { Source } from './source.ts';

/** Parameters that every type has. */
const COMMON = /^_(id|lastUpdated|list|content|tag|profile|security|source|has)\b/;

/** Conditions, and perhaps an order, that all of the types know and mean the same by (search.html#type). */
export function systemPairs(source: Source, types: readonly string[]): Pair[] {
  const { random } = source;
  const shared = sharedParameters(source, types);
  const pairs: Pair[] = [['_type', types.join(',')]];
  const type = random.pick(types);
  for (let count = random.below(3); count > 0; count--) {
    const isCommon = shared.length === 0 || random.chance(0.3);
    pairs.push(isCommon ? commonPair(source, type) : sharedPair(source, type, shared));
  }
  const sortable = shared
    .filter((parameter) => ['string', 'date', 'token', 'uri'].includes(parameter.type))
    .map(({ code }) => code);
  if (random.chance(0.35)) {
    const keys = random.sample([...sortable, '_lastUpdated', '_id'], 1 + random.below(2));
    pairs.push(['_sort', keys.map((key) => (random.chance(0.5) ? `-${key}` : key)).join(',')]);
  }
  if (random.chance(0.1)) pairs.push(...includePairs(source, type));
  if (random.chance(0.2)) pairs.push(totalPair(source));
  return pairs;
}

/** Conditions that all types know, without saying which types are meant. @param types to take values from */
export function everywherePairs(source: Source, types: readonly string[]): Pair[] {
  const { random } = source;
  const pairs = [commonPair(source, random.pick(types))];
  if (random.chance(0.4))
    pairs.push(['_sort', random.pick(['_id', '-_id', '_lastUpdated', '-_lastUpdated,_id'])]);
  if (random.chance(0.2)) pairs.push(totalPair(source));
  return pairs;
}

/** Parameters of the same name and type on each; without references, whose targets differ. */
function sharedParameters(
  source: Source,
  [first, ...others]: readonly string[],
): SearchParameterDefinition[] {
  return plainParameters(source, first!).filter(
    (parameter) =>
      ['string', 'date', 'token', 'uri', 'quantity'].includes(parameter.type) &&
      parameter.code !== 'phonetic' &&
      others.every(
        (type) => source.context.definitions.searchParameter(type, parameter.code)?.type === parameter.type,
      ),
  );
}

/** Without the modifiers that one of the types may not take, because its elements are of another kind. */
function sharedPair(source: Source, type: string, shared: readonly SearchParameterDefinition[]): Pair {
  const pair = parameterPair(source, type, source.random.pick(shared));
  return /:(of-type|text)$/.test(pair[0]) ? commonPair(source, type) : pair;
}

/** `_id`, `_lastUpdated` and others that every type has. */
function commonPair(source: Source, type: string): Pair {
  for (let tries = 0; tries < 50; tries++) {
    const pair = clausePair(source, type);
    if (COMMON.test(pair[0])) return pair;
  }
  return ['_lastUpdated', 'gt2020'];
}
