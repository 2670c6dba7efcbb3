import { expect, test } from '@jest/globals';
import { shortPlace, summarizeProfile, type CpuProfile } from '../../src/profile/cpuProfile.ts';

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('write', 'file:///home/x/server/src/a.ts', 9), children: [4, 5] },
    { id: 4, callFrame: frame('', 'file:///home/x/node_modules/pg/lib/client.js', 0), children: [6] },
    { id: 5, callFrame: frame('(garbage collector)') },
    { id: 6, callFrame: frame('write', 'file:///home/x/server/src/a.ts', 9) },
  ],
  startTime: 1_000,
  endTime: 9_000,
  samples: [3, 2, 3, 4, 5, 6],
  timeDeltas: [500, 1_000, 1_000, 2_000, 1_000, 500],
};

test('sums self and total time of the samples in the window, recursion once, idle time apart', () => {
  const summary = summarizeProfile(profile, 2_000, 9_000, '/home/x');
  expect(summary.idleMs).toBe(1);
  expect(summary.busyMs).toBe(4.5);
  expect(summary.functions).toEqual([
    { where: '(anonymous) pg/lib/client.js:1', selfMs: 2, totalMs: 2.5 },
    { where: 'write server/src/a.ts:10', selfMs: 1.5, totalMs: 4.5 },
    { where: '(garbage collector)', selfMs: 1, totalMs: 1 },
  ]);
  expect(summary.files.map(({ where, selfMs }) => [where, selfMs])).toEqual([
    ['pg', 2],
    ['server/src/a.ts', 1.5],
    ['(garbage collector)', 1],
  ]);
  expect(summary.parts.map(({ where, selfMs }) => [where, selfMs])).toEqual([['all else', 4.5]]);
});

test('takes no sample after the window', () => {
  expect(summarizeProfile(profile, 0, 2_600, '/home/x')).toMatchObject({ busyMs: 0.5, idleMs: 1 });
});

test('shortens places', () => {
  expect(shortPlace('file:///r/node_modules/@a/b/c.js', '/r')).toBe('@a/b/c.js');
  expect(shortPlace('node:http', '/r')).toBe('node:http');
});
