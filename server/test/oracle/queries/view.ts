import type { Pair } from './parameter.ts';
import type { Source } from './source.ts';

/** Says how resources are to be shown, where the search allows it (search.html#summary, search.html#elements). */
export function viewPair({ random, context }: Source, path: string, pairs: readonly Pair[]): Pair[] {
  const [first, , last] = path.split('/');
  const names = (context.definitions.type(last ?? first ?? '')?.elements ?? []).map(({ name }) => name);
  if (pairs.some(([name]) => name === '_contained')) return [];
  const includes = pairs.some(([name]) => /^_(rev)?include/.test(name));
  const mode = random.pick(['true', 'data', 'false', ...(includes ? [] : ['text'])]);
  if (names.length === 0 || random.chance(0.5)) return [['_summary', mode]];
  return [['_elements', random.sample(names, 1 + random.below(4)).join(',')]];
}
