import { describe, expect, test } from '@jest/globals';
import type { BenchRequest } from '../../src/cases/case.ts';
import type { Searchset } from '../../src/measure/ask.ts';
import { difference, essence } from '../../src/measure/likeness.ts';
import { serving } from './serving.ts';

const entry = (id: string, date: string, mode = 'match') => ({
  resource: { resourceType: 'Observation', id, effectiveDateTime: date },
  search: { mode },
});
const set = (...entries: ReturnType<typeof entry>[]): Searchset => ({ entry: entries });

describe('essence', () => {
  const one = set(entry('a', '2020'), entry('b', '2021'));
  test.each([
    ['ids', set(entry('b', '2021'), entry('a', '2020')), true],
    ['ids', set(entry('a', '2020'), entry('c', '2021')), false],
    ['ids', set(entry('a', '2020'), entry('b', '2021', 'include')), false],
    ['dates', set(entry('c', '2020'), entry('d', '2021')), true],
    ['dates', set(entry('b', '2021'), entry('a', '2020')), false],
    ['count', set(entry('c', '2022'), entry('d', '2022')), true],
    ['count', set(entry('c', '2022'), entry('d', '2022', 'include')), false],
    ['count', set(entry('c', '2022')), false],
  ] as const)('by %s: case %#', (likeness, other, isAlike) => {
    expect(essence(other, likeness) === essence(one, likeness)).toBe(isAlike);
  });
  test('an answer without entries is one', () => expect(essence({}, 'count')).toBe('0 matches, 0 included'));
});

test('server and floor are asked the same, and told apart', async () => {
  const requests: BenchRequest[] = ['/a', '/b'].map((path) => ({ method: 'GET', path, answer: '' }));
  const floor = await serving(() => set(entry('a', '2020')));
  const server = await serving((url) =>
    url.endsWith('/b') ? set(entry('z', '2020')) : set(entry('a', '2020')),
  );
  expect(await difference(requests, 'ids', server, floor)).toMatch(
    /^\/b: the server answers .*Observation\/z.*, the floor .*Observation\/a/,
  );
  expect(await difference(requests, 'dates', server, floor)).toBeUndefined();
  server.close();
  floor.close();
});
