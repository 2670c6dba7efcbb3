import { describe, expect, test } from '@jest/globals';
import { STATISTICS, type Point } from '../../../src/operations/stats/statistics.ts';

const HOUR_MS = 3_600_000;

const figures = (code: string, values: number[], at: (number | undefined)[] = []) => {
  const points = values.map((value, i): Point => {
    const hour = at[i];
    return hour === undefined ? { value } : { value, atMs: hour * HOUR_MS };
  });
  return STATISTICS.get(code)!
    .figures(points, 0)
    .map(({ value }) => value);
};

// 2, 4, 4, 4, 5, 5, 7, 9: sum 40, mean 5, squared distances 9 1 1 1 0 0 4 16 = 32
const EIGHT = [2, 4, 4, 4, 5, 5, 7, 9];

describe('statistics, computed by hand', () => {
  test.each<[string, number[], number | undefined]>([
    ['average', EIGHT, 5],
    ['average', [], undefined],
    ['sum', EIGHT, 40],
    ['sum', [], undefined],
    ['maximum', EIGHT, 9],
    ['minimum', EIGHT, 2],
    ['minimum', [], undefined],
    ['median', EIGHT, 4.5],
    ['median', [1, 2, 10], 2],
    ['median', [3], 3],
    ['median', [], undefined],
    ['variance', EIGHT, 32 / 7],
    ['variance', [3], undefined],
    ['variance', [3, 3], 0],
    ['std-dev', EIGHT, Math.sqrt(32 / 7)],
    ['std-dev', [3], undefined],
    ['20-percent', [0, 10, 20, 30, 40, 50], 10],
    ['20-percent', [0, 10], 2],
    ['80-percent', [0, 10, 20, 30, 40, 50], 40],
    ['4-lower', EIGHT, 4],
    ['4-upper', EIGHT, 5.5],
    ['4-dev', EIGHT, 0.75],
    ['4-dev', [], undefined],
    ['5-1', [0, 10, 20, 30, 40, 50], 10],
    ['5-2', [0, 10, 20, 30, 40, 50], 20],
    ['5-3', [0, 10, 20, 30, 40, 50], 30],
    ['5-4', [0, 10, 20, 30, 40, 50], 40],
    // third powers: -27 -1 -1 -1 0 0 8 64 = 42; mean 5.25; second moment 4, to the power of 1.5: 8
    ['skew', EIGHT, 5.25 / 8],
    ['skew', [1, 2, 3], 0],
    ['skew', [2, 2], undefined],
    // fourth powers: 81 1 1 1 0 0 16 256 = 356; mean 44.5; second moment squared: 16
    ['kurtosis', EIGHT, 44.5 / 16],
    ['kurtosis', [], undefined],
  ])('%s of %j', (code, values, expected) => {
    const [figure] = figures(code, values);
    if (expected === undefined) expect(figure).toBeUndefined();
    else expect(figure).toBeCloseTo(expected, 12);
  });

  test('a regression is the line y = 2 x + 1', () => {
    expect(figures('regression', [1, 3, 5], [0, 1, 2])).toEqual([2, 1]);
  });

  test('a regression by least squares', () => {
    // x 0 1 2, y 0 0 3: means 1 and 1; covariance (1 + 0 + 2) / 3 = 1, variance of x 2/3
    const [gradient, intercept] = figures('regression', [0, 0, 3], [0, 1, 2]);
    expect(gradient).toBeCloseTo(1.5, 12);
    expect(intercept).toBeCloseTo(-0.5, 12);
  });

  test('a regression needs two times; values without one do not count', () => {
    expect(figures('regression', [1, 2], [5, 5])).toEqual([undefined, undefined]);
    expect(figures('regression', [1])).toEqual([undefined, undefined]);
    expect(figures('regression', [1, 100, 3], [0, undefined, 1])).toEqual([2, 1]);
  });
});
