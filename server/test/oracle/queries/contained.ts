import { containedIn } from '../evaluate/world.ts';
import { canFilter, parameterTestText } from './filter.ts';
import { parameterPair, type Pair } from './parameter.ts';
import { hasValues, plainParameters } from './parameters.ts';
import type { Asked } from './query.ts';
import { totalPair } from './results.ts';
import { witnessed, type Source } from './source.ts';

/** A search for what is contained, most often for one resource that is (search.html#contained). */
export function containedSearch(source: Source): Asked {
  const { random, context } = source;
  const inside = context.world.resources.flatMap(containedIn);
  const one = random.pick(inside);
  const near = random.chance(0.7) ? witnessed(source, one) : source;
  const pairs = Array.from({ length: 1 + random.below(2) }, () => insidePair(near, one.type, one.id));
  pairs.push(['_contained', random.pick(['true', 'both'])]);
  if (random.chance(0.6)) pairs.push(['_containedType', random.pick(['contained', 'container'])]);
  if (random.chance(0.2)) pairs.push(totalPair(source));
  return { path: one.type, pairs };
}

/** A condition that one resource answers by itself. */
function insidePair(source: Source, type: string, id: string): Pair {
  const { random } = source;
  if (random.chance(0.1)) return [random.chance(0.3) ? '_id:not' : '_id', random.chance(0.8) ? id : 'x0'];
  const all = plainParameters(source, type);
  const used = all.filter((parameter) => hasValues(source, type, parameter));
  const parameter = random.pick(used.length > 0 && random.chance(0.9) ? used : all);
  if (canFilter(parameter) && used.includes(parameter) && random.chance(0.15))
    return ['_filter', parameterTestText(source, type, parameter)];
  for (;;) {
    const pair = parameterPair(source, type, parameter);
    // A hierarchy is made of other resources.
    if (parameter.type !== 'reference' || !/:(above|below)$/.test(pair[0])) return pair;
  }
}
