import { describe, expect, test } from '@jest/globals';
import { parseQuery } from '../../../src/fhir/search/queryString.ts';

describe('a query string', () => {
  test.each([
    ['', []],
    ['&&a=1&&b', [['a', '1'], ['b', '']]], // prettier-ignore
    ['a=1=2&a=+%20&=x', [['a', '1=2'], ['a', '  '], ['', 'x']]], // prettier-ignore
  ])('%j', (text, pairs) => {
    expect(parseQuery(text)).toEqual(pairs);
  });

  test('is read as far as somebody wants it', () => {
    expect(parseQuery('a&'.repeat(100_000), 3)).toHaveLength(3);
  });
});
