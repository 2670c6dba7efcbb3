import { expect, test } from '@jest/globals';
import { judge, type Judgement, type Progress } from '../../src/record/completeness.ts';

const SILENCE_MS = 60;
const NONE = { waiting: 0, quarantined: 0, announced: null };
/** Objects by when they came. */
const came = (...times: number[]) =>
  times.map((receivedMs, at) => ({ sopInstanceUid: `1.2.${at + 1}`, receivedMs }));

interface Case {
  what: string;
  progress: Progress;
  nowMs: number;
  is: Judgement;
}
const CASES: Case[] = [
  {
    what: 'objects have just come',
    progress: { ...NONE, objects: came(10, 50, 20) },
    nowMs: 100,
    is: { completeness: 'arriving', quietMs: 110 },
  },
  {
    what: 'nothing has come for long enough',
    progress: { ...NONE, objects: came(10, 50) },
    nowMs: 110,
    is: { completeness: 'complete', quietMs: null },
  },
  {
    what: 'an object is on its way into the archive, however long',
    progress: { ...NONE, objects: came(10), waiting: 1 },
    nowMs: 10_000,
    is: { completeness: 'arriving', quietMs: 10_060 },
  },
  {
    what: 'the archive refuses an object',
    progress: { ...NONE, objects: came(10), quarantined: 1 },
    nowMs: 70,
    is: { completeness: 'partial', quietMs: null },
  },
  {
    what: 'all is there that the device has announced',
    progress: { ...NONE, objects: came(10, 11), announced: ['1.2.1', '1.2.2'] },
    nowMs: 12,
    is: { completeness: 'complete', quietMs: null },
  },
  {
    what: 'something is not there yet that the device has announced',
    progress: { ...NONE, objects: came(10), announced: ['1.2.1', '1.2.2'] },
    nowMs: 12,
    is: { completeness: 'arriving', quietMs: 70 },
  },
  {
    what: 'something that the device has announced does not come',
    progress: { ...NONE, objects: came(10), announced: ['1.2.1', '1.2.2'] },
    nowMs: 70,
    is: { completeness: 'partial', quietMs: null },
  },
  {
    what: 'more has come than the device has announced',
    progress: { ...NONE, objects: came(10, 11), announced: ['1.2.1'] },
    nowMs: 12,
    is: { completeness: 'arriving', quietMs: 71 },
  },
  {
    what: 'the device has finished, and does not say what it has made',
    progress: { ...NONE, objects: came(10), announced: [] },
    nowMs: 12,
    is: { completeness: 'arriving', quietMs: 70 },
  },
];

test.each(CASES)('$what', ({ progress, nowMs, is }) => {
  expect(judge(progress, nowMs, SILENCE_MS)).toEqual(is);
});
