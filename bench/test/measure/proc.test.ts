import { describe, expect, test } from '@jest/globals';
import {
  cpuOfTreeMs,
  parentOf,
  parseMachineBusyMs,
  parseStat,
  peakMemoryBytes,
} from '../../src/measure/proc.ts';

describe('parseStat', () => {
  const line = '4321 (a (b) c) S 17 4321 4321 0 -1 4194560 1 2 3 4 150 50 25 5 20 0 1 0 999';

  test('reads parent and times behind a name with brackets and blanks', () => {
    expect(parseStat(line)).toEqual({ pid: 4321, parent: 17, cpuMs: 2_300 });
  });
});

test('of the machine, idle time and waiting for disks are not busy', () => {
  expect(parseMachineBusyMs('cpu  100 20 30 99999 8888 1 2 3 50 0\ncpu0 1 2 3')).toBe(1_560);
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;
if (process.platform !== 'linux') console.error('no /proc here: reading it is not tested');

onLinux('/proc of this process', () => {
  test('its processor time grows with work', () => {
    const before = cpuOfTreeMs(process.pid);
    const untilMs = process.cpuUsage().user / 1_000 + 60;
    while (process.cpuUsage().user / 1_000 < untilMs) Math.sqrt(2);
    expect(cpuOfTreeMs(process.pid)).toBeGreaterThan(before);
  });
  test('its parent is the parent that Node tells', () => expect(parentOf(process.pid)).toBe(process.ppid));
  test('its peak memory is not below what it holds now', () => {
    expect(peakMemoryBytes(process.pid)).toBeGreaterThan(process.memoryUsage().rss / 2);
  });
  test('a process that is gone is an error', () => expect(() => cpuOfTreeMs(2 ** 30)).toThrow('ended'));
});
