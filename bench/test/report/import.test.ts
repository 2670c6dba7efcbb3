import { expect, test } from '@jest/globals';
import { importText } from '../../src/report/import.ts';
import type { ImportResult } from '../../src/report/result.ts';

const pass = (resourcesPerSecond: number) => ({
  resources: 1000,
  seconds: 1000 / resourcesPerSecond,
  resourcesPerSecond,
});
const result = (rate: number, peakMemoryBytes: number): ImportResult => ({
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
  bundles: 4,
  bytes: 2 ** 21,
  server: { ...pass(rate), peakMemoryBytes },
  floor: { label: 'pool of 4', passes: [pass(90), pass(110)] },
  ratio: rate / 100,
  large: { entries: 10_000, seconds: 2, peakMemoryBytes },
});

test('says what was reached', () => {
  const text = importText(result(31, 499 * 2 ** 20));
  expect(text).toContain('ratio 0.31 (>= 0.3): reached');
  expect(text).toContain('before and after: 90 and 110 resources/s');
  expect(text).not.toContain('MISSED');
});

test('says what was missed', () => {
  expect(importText(result(29, 601 * 2 ** 20)).match(/MISSED/g)).toHaveLength(3);
});
