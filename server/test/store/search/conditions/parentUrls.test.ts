import { describe, expect, test } from '@jest/globals';
import { PARENT_URL_CHARS_MAX, parentUrls } from '../../../../src/store/search/conditions/parentUrls.ts';

describe('URLs above one', () => {
  test('with and without the slash at the end of each segment', () => {
    expect(parentUrls('http://x.y/a/b')).toEqual([
      'http://x.y/a/b',
      'http://x.y/a/',
      'http://x.y/a',
      'http://x.y/',
      'http://x.y',
    ]);
  });

  test('none is longer than URLs are', () => {
    const [url, ...above] = parentUrls(`http://x.y/${'a/'.repeat(100_000)}`);
    expect(url).toHaveLength(200_011);
    expect(above.length).toBeGreaterThan(100);
    expect(Math.max(...above.map(({ length }) => length))).toBeLessThanOrEqual(PARENT_URL_CHARS_MAX);
  });
});
