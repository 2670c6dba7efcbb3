import { expect, test } from '@jest/globals';
import { costOfEntries } from '../../../src/rest/http/costs.ts';

const entry = (method?: unknown, url?: unknown) => ({ request: { method, url } });

test('of a bundle each entry costs what it is', () => {
  const writes = Array.from({ length: 1000 }, () => entry('POST', 'Observation'));
  expect(costOfEntries(writes)).toBeCloseTo(100);
  const reads = ['Patient/1', 'Patient/1/_history/2'].map((url) => entry('GET', url));
  expect(costOfEntries(reads)).toBe(2);
  const searches = [
    'Patient?name=x',
    'Patient',
    'Patient/1/$everything',
    '?_type=Patient',
    'Patient/_history',
  ];
  expect(costOfEntries(searches.map((url) => entry('GET', url)))).toBe(25);
});

test('what is no list of entries is refused elsewhere, and costs little', () => {
  for (const entries of [undefined, null, {}, 'x', [null], [{}], [entry('GET')], [entry(1, {})]])
    expect(costOfEntries(entries)).toBeLessThanOrEqual(1);
});
