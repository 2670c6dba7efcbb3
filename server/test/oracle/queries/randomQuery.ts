import { encodedAtRandom } from './encode.ts';
import type { Pair } from './parameter.ts';
import { sizePair, type Query } from './query.ts';
import { foundPairs } from './found.ts';
import type { Source } from './source.ts';
import { viewPair } from './view.ts';
import { wrongQuery } from './wrong.ts';

/** How often a search is wrong. */
const WRONG = 0.04;

/** A random search. */
export function randomQuery(source: Source): Query {
  const { random } = source;
  if (random.chance(WRONG)) return wrongQuery(source);
  const { path, pairs } = foundPairs(source);
  const isRanked = pairs.some(isScore);
  const pageSize = random.weighted<number | undefined>([
    [80, undefined],
    [isRanked ? 0 : 16, 1 + random.below(7)],
    [3, 0],
  ]);
  if (pageSize !== 0 && random.chance(0.06)) pairs.push(...viewPair(source, path, pairs));
  const mixed = random.sample(pairs, pairs.length);
  const size = sizePair(pageSize, random.chance(0.5));
  const query: Query = {
    path,
    pairs: mixed,
    query: encodedAtRandom(random, [...mixed, size]),
    post: !path.endsWith('*') && random.chance(0.08),
    asksSelf: random.chance(0.05),
  };
  return pageSize === undefined ? query : { ...query, pageSize };
}

const isScore = ([name, value]: Pair): boolean => name === '_sort' && value.endsWith('_score');
