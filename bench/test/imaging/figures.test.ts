import { expect, test } from '@jest/globals';
import { sharesOf } from '../../src/imaging/dicomweb.ts';
import type { ImagingFigures } from '../../src/imaging/figures.ts';
import { imagesOf, imagingPlan, IMAGES_PER_STUDY } from '../../src/imaging/plan.ts';
import { QUESTIONS } from '../../src/imaging/questions.ts';
import { storingFigures } from '../../src/imaging/storing.ts';
import { worklistFigures } from '../../src/imaging/worklist.ts';
import type { CaseResult } from '../../src/report/caseResult.ts';
import { imagingText } from '../../src/report/imaging.ts';

test('what is stored is held against the floor of its own round', () => {
  const round = (acknowledgedPerSecond: number, drainedPerSecond: number, floorPerSecond: number) => ({
    acknowledgedPerSecond,
    drainedPerSecond,
    floorPerSecond,
  });
  // The machine is ten times as slow in the last round: medians of unlike rounds would have the ratios 2 and 1.
  const rounds = [round(300, 100, 100), round(200, 50, 100), round(30, 10, 10)];
  expect(storingFigures({ associations: 8, imagesEach: 26, target: 1.2 }, rounds)).toEqual({
    associations: 8,
    images: 208,
    acknowledgedPerSecond: 200,
    floorPerSecond: 100,
    ratio: 3,
    target: 1.2,
    drainedPerSecond: 50,
    drainedRatio: 1,
  });
});

test('a worklist that comes in half the time has the ratio 2', () => {
  expect(worklistFigures(1_000, [1, 2, 3], [2, 4, 9])).toEqual({
    items: 1_000,
    seconds: 2,
    floorSeconds: 4,
    ratio: 2,
  });
});

test.each([0.001, 0.04, 1, 3])('at scale %p all that is sent has a patient', (scale) => {
  const { patients, orders, sendings } = imagingPlan(scale);
  expect(sendings.map(({ associations }) => associations)).toEqual([1, 8]);
  for (const sending of sendings) {
    expect(sending.imagesEach % IMAGES_PER_STUDY).toBe(0);
    expect(imagesOf(sending)).toBeGreaterThan(0);
    expect(imagesOf(sending) / IMAGES_PER_STUDY).toBeLessThanOrEqual(patients);
  }
  expect(orders).toBeLessThanOrEqual(patients);
});

test('no two questions ask for one study', () => {
  const shares = sharesOf(
    Array.from({ length: 20 }, (_, at) => at),
    6,
  );
  expect(shares.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3, 3]);
  expect(new Set(shares.flat()).size).toBe(18);
  expect(() => sharesOf([1, 2], 3)).toThrow('too few');
});

test('no question is content with an empty answer', () => {
  const study = {
    patientId: 'P',
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.3',
    sopInstanceUids: ['1.4', '1.5'],
  };
  for (const { requestOf } of QUESTIONS) expect(requestOf(study).answer).not.toBe('');
});

test('what is acknowledged is judged, and errors are told', () => {
  const figures = (ratio: number, errors = 0): ImagingFigures => ({
    storing: [
      {
        archive: 'files',
        associations: 1,
        images: 100,
        acknowledgedPerSecond: 90,
        floorPerSecond: 90,
        ratio,
        target: 4,
        drainedPerSecond: 50,
        drainedRatio: 0.5,
      },
    ],
    worklist: { items: 1_000, seconds: 1, floorSeconds: 1, ratio: 1 },
    dicomweb: [questioned(errors)],
    firstAsked: [{ title: 'a frame', studies: 32, p50Ms: 9, floorP50Ms: 3 }],
  });
  expect(imagingText(figures(4))).toMatch('reached');
  expect(imagingText(figures(3.99))).toMatch('MISSED');
  expect(imagingText(figures(1))).not.toMatch('INVALID');
  expect(imagingText(figures(1, 1))).toMatch(/INVALID.*1 errors, first: status 503/s);
});

const questioned = (errors: number): CaseResult => {
  const side = {
    requestsPerSecond: 1,
    spread: 0,
    p50Ms: 1,
    p99Ms: 1,
    processCpuPer1000: 1,
    postgresCpuPer1000: 1,
    walBytesPerRequest: 1,
    peakMemoryBytes: 1,
    othersCores: 0,
    rounds: [1],
  };
  return {
    ...{ name: 'wado-frame', title: 'a frame', connections: 4, server: side, errors },
    ...(errors > 0 && { firstError: 'status 503' }),
  };
};
