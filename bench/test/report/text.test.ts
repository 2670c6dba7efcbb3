import { describe, expect, test } from '@jest/globals';
import { comparison } from '../../src/report/compare.ts';
import type { CaseResult, SideResult } from '../../src/report/caseResult.ts';
import type { BenchResult } from '../../src/report/result.ts';
import { caseLine, resultText, table, verdict } from '../../src/report/text.ts';

const side = (requestsPerSecond: number): SideResult => ({
  requestsPerSecond,
  spread: 0.2,
  p50Ms: 1.5,
  p99Ms: 9,
  processCpuPer1000: 0.1,
  postgresCpuPer1000: 0.05,
  walBytesPerRequest: 2_000,
  peakMemoryBytes: 200 * 2 ** 20,
  othersCores: 0.1,
  rounds: [requestsPerSecond],
});
const held = (ratio: number): CaseResult => ({
  name: 'read',
  title: 'read by id',
  connections: 16,
  server: side(10_000 * ratio),
  floor: { ...side(10_000), label: 'floor: 1 connection' },
  ratio,
  target: 0.75,
  errors: 0,
});
const result = (cases: CaseResult[], peakMiB = 200): BenchResult => ({
  date: '2030-01-02T03:04:05.000Z',
  commit: 'abc1234',
  machine: {
    cores: 2,
    processor: 'Some',
    memoryGiB: 8,
    platform: 'linux x64',
    node: '24.0.0',
    postgres: '18.0',
  },
  settings: { scale: 1, seconds: 5, warmupSeconds: 1, rounds: 3 },
  bytes: [
    {
      type: 'observation',
      resources: 10,
      content: 16_000,
      heap: 20_000,
      indexes: 4_000,
      side: 2_400,
      history: 0,
      ratio: 0.4,
    },
    {
      type: 'all',
      resources: 10,
      content: 16_000,
      heap: 20_000,
      indexes: 9_600,
      side: 6_400,
      history: 0,
      ratio: 1,
    },
  ],
  cases,
  peakMemoryBytes: peakMiB * 2 ** 20,
});

test('a table has columns of one width', () => {
  const text = table(
    ['a', 'number'],
    [
      ['long name', '1'],
      ['x', '22'],
    ],
  );
  expect(text.split('\n')).toEqual([
    '| a         | number |',
    '|-----------|-------:|',
    '| long name |      1 |',
    '| x         |     22 |',
  ]);
});

describe('verdict', () => {
  test('a ratio on its target is reached, below is missed', () => {
    expect(verdict(held(0.75))).toBe('reached');
    expect(verdict(held(0.74))).toBe('MISSED');
  });
  test('errors make the best ratio invalid', () =>
    expect(verdict({ ...held(2), errors: 1 })).toBe('INVALID'));
  test('without a target there is none', () => {
    const informative = held(0.1);
    delete informative.target;
    expect(verdict(informative)).toBe('');
  });
});

describe('the text of a result', () => {
  test('tells ratio, target and floor', () => {
    const text = resultText(result([held(0.7)]));
    expect(text).toMatch(/read by id +\| +16 \| +7,000 .* 0\.70 \| >= 0\.75 \| +MISSED \|/);
    expect(text).toMatch(/floor: 1 connection +\| +16 \| +10,000 /);
  });
  test('tells the first error of an invalid case', () => {
    const text = resultText(result([{ ...held(0.9), errors: 3, firstError: 'status 500 x' }]));
    expect(text).toContain('read by id at 16: 3 errors, first: status 500 x');
  });
  test('holds the memory to its limit', () => {
    expect(resultText(result([], 299))).toContain('299 MiB at most (limit 300): reached');
    expect(resultText(result([], 301))).toContain('301 MiB at most (limit 300): MISSED');
  });
  test('holds index and side bytes to their limit', () => {
    const text = resultText(result([]));
    expect(text).toMatch(/observation .* 0\.40 \| reached \|/);
    expect(text).toMatch(/all .* 1\.00 \| +MISSED \|/);
  });
});

test('a case in a line', () => {
  expect(caseLine(held(0.8))).toBe(
    'read by id at 16: 8,000/s, floor: 1 connection 10,000/s, ratio 0.80 reached',
  );
});

test('a comparison shows what both results hold', () => {
  const other = { ...held(0.4), connections: 64 };
  const text = comparison(result([held(0.8), other]), { ...result([held(0.4)]), commit: 'old' });
  expect(text.split('\n')).toHaveLength(3);
  expect(text).toMatch(/read by id \| +16 \| +4000 \| +8000 \| +2\.00 \| +0\.40 \| +0\.80 \|/);
});
