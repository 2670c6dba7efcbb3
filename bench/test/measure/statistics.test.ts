import { describe, expect, test } from '@jest/globals';
import { median, pairedRatio, percentile, spread } from '../../src/measure/statistics.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => at + 1);

  test.each([
    [50, 50],
    [99, 99],
    [99.5, 100],
    [100, 100],
    [0, 1],
    [1, 1],
  ])('of 1..100 the %p th is %p', (percent, value) => expect(percentile(hundred, percent)).toBe(value));

  test('of one value is that value, of none is no number', () => {
    expect(percentile([7], 99)).toBe(7);
    expect(percentile(new Float64Array(0), 50)).toBeNaN();
  });
});

describe('median', () => {
  test('of an odd count is the middle one, whatever the order', () => expect(median([9, 1, 5])).toBe(5));
  test('of an even count is the mean of the middle two', () => expect(median([4, 1, 2, 100])).toBe(3));
  test('of nothing is no number', () => expect(median([])).toBeNaN());
});

test('spread is the whole width over the median', () => expect(spread([90, 100, 130])).toBeCloseTo(0.4));

describe('pairedRatio', () => {
  test('takes the median of the ratios of neighbours, so a slow round of both changes nothing', () => {
    expect(pairedRatio([50, 5, 60], [100, 10, 100])).toBeCloseTo(0.5);
  });
  test('refuses what is not in pairs', () => expect(() => pairedRatio([1], [1, 2])).toThrow('pairs'));
});
