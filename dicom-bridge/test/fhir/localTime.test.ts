import { expect, test } from '@jest/globals';
import { LocalClock } from '../../src/fhir/localTime.ts';

const berlin = new LocalClock('Europe/Berlin');

test.each([
  ['2026-12-01T23:05:00-07:00', '20261202', '070500'],
  ['2026-07-01T10:00:00Z', '20260701', '120000'],
  ['2026-12-31T23:30:00Z', '20270101', '003000'],
  ['2026-12-01', '20261201', ''],
])('%s is %s %s in Berlin', (dateTime, date, time) => {
  expect(berlin.localOf(dateTime)).toEqual({ date, time });
});

test.each([['2026'], ['2026-12'], [undefined]])('%s is no day', (dateTime) => {
  expect(berlin.localOf(dateTime)).toBeUndefined();
});

test.each([
  ['20260701', '120000', '2026-07-01T10:00:00.000Z'],
  ['20261201', '0705', '2026-12-01T06:05:00.000Z'],
  ['2026.12.01', '07', '2026-12-01T06:00:00.000Z'],
  ['20260329', '013000.5', '2026-03-29T00:30:00.000Z'], // the hour before clocks are changed
  ['20260329', '033000', '2026-03-29T01:30:00.000Z'], // and the one after
  ['20261201', undefined, '2026-12-01'],
  ['20261201', '99', '2026-12-01'],
  ['20260230', '120000', undefined],
  [undefined, '120000', undefined],
])('%s %s in Berlin is %s', (date, time, expected) => {
  expect(berlin.instantOf(date, time)).toBe(expected);
});

test('a zone that does not exist is refused', () => {
  expect(() => new LocalClock('Atlantis/Capital')).toThrow(RangeError);
});
