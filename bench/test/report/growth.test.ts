import { expect, test } from '@jest/globals';
import { growthLine, growthText } from '../../src/report/growth.ts';
import type { SideResult } from '../../src/report/caseResult.ts';
import type { GrowthCase } from '../../src/report/result.ts';

const side = (p50Ms: number): SideResult => ({
  requestsPerSecond: 16_000 / p50Ms,
  spread: 0,
  p50Ms,
  p99Ms: p50Ms * 2,
  processCpuPer1000: 0.1,
  postgresCpuPer1000: p50Ms / 10,
  walBytesPerRequest: 0,
  peakMemoryBytes: 0,
  othersCores: 0,
  rounds: [],
});
const grown = (p50Ratio: number): GrowthCase => ({
  name: 'read',
  title: 'read by id',
  small: side(2),
  large: side(2 * p50Ratio),
  p50Ratio,
  errors: 0,
});

test('latencies at both sizes, their ratio and whether it is small enough', () => {
  const text = growthText({
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
    settings: { scale: 0.5, seconds: 5, warmupSeconds: 1, rounds: 3 },
    growth: 10,
    cases: [grown(1.5), { ...grown(1.51), title: 'other' }],
  });
  expect(text).toContain('p50 ms, scale 0.5 | scale 5 |');
  expect(text).toMatch(
    /read by id \| +2\.00 \| +3\.00 \| +4\.00 \| +6\.00 \| +0\.20 \| +0\.30 \| +1\.50 \| reached \|/,
  );
  expect(text).toMatch(/other .* 1\.51 \| +MISSED \|/);
});

test('a case in a line; errors make the best ratio invalid', () => {
  expect(growthLine(grown(1.2))).toBe('read by id: p50 2.00 -> 2.40 ms, ratio 1.20 reached');
  expect(growthLine({ ...grown(1), errors: 2, firstError: 'status 500' })).toBe(
    'read by id: p50 2.00 -> 2.00 ms, ratio 1.00 INVALID (status 500)',
  );
});
