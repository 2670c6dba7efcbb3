import { expect, test } from '@jest/globals';
import { doseOf, procedureOf } from '../../src/mpps/procedure.ts';
import type { PerformedStep } from '../../src/mpps/performedStep.ts';

const STARTED = '2026-10-25T00:55:00.000Z';
const links = { subject: { display: 'Test' } };
const stepThatEnds = (ended: string): PerformedStep => ({
  sopInstanceUid: '1.2.3',
  status: 'COMPLETED',
  scheduled: [{ studyInstanceUid: '1.2.4' }],
  patient: {},
  sourceAeTitle: 'UNIT',
  stationAeTitle: 'UNIT',
  started: STARTED,
  ended,
  dose: { exposures: 1 },
});

test.each([
  ['later', '2026-10-25T00:56:00.000Z', { end: '2026-10-25T00:56:00.000Z' }],
  ['at its start', STARTED, { end: STARTED }],
  ['before its start, as clocks are put back', '2026-10-25T00:05:00.000Z', {}],
  ['on a day, at a time that nobody knows', '2026-10-24', {}],
])('a step that ends %s has a period that the record takes', (_when, ended, end) => {
  const step = stepThatEnds(ended);
  const period = { start: STARTED, ...end };
  expect(procedureOf(step, links).performedPeriod).toEqual(period);
  expect(doseOf(step, links, {})?.effectivePeriod).toEqual(period);
});
