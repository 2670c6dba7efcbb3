import { expect, test } from '@jest/globals';
import { WeightedCache } from '../../src/terminology/resources/weightedCache.ts';

test('what was used last is kept, up to the weight', () => {
  const cache = new WeightedCache<string>(10);
  cache.set('a', 'A', 4);
  cache.set('b', 'B', 4);
  expect(cache.get('a')).toBe('A');
  cache.set('c', 'C', 4);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
  cache.set('heavy', 'H', 100);
  expect([cache.get('a'), cache.get('c'), cache.get('heavy')]).toEqual([undefined, undefined, 'H']);
  cache.set('d', 'D', 1);
  expect([cache.get('heavy'), cache.get('d')]).toEqual([undefined, 'D']);
  cache.delete('d');
  cache.clear();
  expect(cache.get('d')).toBeUndefined();
});
