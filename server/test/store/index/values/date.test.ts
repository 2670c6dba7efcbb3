import { describe, expect, test } from '@jest/globals';
import { dateReader } from '../../../../src/store/index/values/date.ts';

const read = (type: string, value: unknown) => dateReader(type, 'Some.path')?.(value);
const day = (text: string) => Date.parse(text);
const DAY_MS = 86_400_000;

describe('dates of elements', () => {
  test('a Period covers both its days, and is open where an end is missing', () => {
    expect(read('Period', { start: '2020-01-01', end: '2020-01-02' })).toEqual({
      loMs: day('2020-01-01'),
      hiMs: day('2020-01-02') + DAY_MS - 1,
    });
    expect(read('Period', { start: '2020-01-01' })).toEqual({ loMs: day('2020-01-01'), hiMs: Infinity });
    expect(read('Period', { end: '2020-01-01' })).toEqual({ loMs: -Infinity, hiMs: day('2020-01-02') - 1 });
    expect(read('Period', {})).toBeUndefined();
  });

  test('a Timing covers its events and its bounds, whatever lies between', () => {
    const event = ['2020-03-01', '2020-01-01'];
    const boundsPeriod = { start: '2020-02-01', end: '2020-04-01' };
    expect(read('Timing', { event })).toEqual({ loMs: day('2020-01-01'), hiMs: day('2020-03-02') - 1 });
    expect(read('Timing', { repeat: { boundsPeriod } })).toEqual({
      loMs: day('2020-02-01'),
      hiMs: day('2020-04-02') - 1,
    });
    expect(read('Timing', { event, repeat: { boundsPeriod } })).toEqual({
      loMs: day('2020-01-01'),
      hiMs: day('2020-04-02') - 1,
    });
    expect(read('Timing', { repeat: { frequency: 2, period: 1, periodUnit: 'd' } })).toBeUndefined();
  });

  test('an instant is a point, a dateTime as long as its last unit', () => {
    const second = '2020-01-01T10:00:00Z';
    expect(read('instant', second)).toEqual({ loMs: day(second), hiMs: day(second) });
    expect(read('dateTime', second)).toEqual({ loMs: day(second), hiMs: day(second) + 999 });
    expect(read('instant', '2020-01-01T10:00:00.1Z')).toEqual({
      loMs: day(second) + 100,
      hiMs: day(second) + 100,
    });
  });

  test('a date that does not exist is refused wherever it stands', () => {
    for (const [type, value] of [
      ['date', '2020-02-30'],
      ['Period', { start: '2020-01-01', end: '2020-99' }],
      ['Timing', { event: ['2020-01-01', 'soon'] }],
    ] as const) {
      expect(() => read(type, value)).toThrow('Some.path holds a date that does not exist');
    }
  });

  test('other types have none', () => {
    expect(dateReader('string', 'Some.path')).toBeUndefined();
    expect(read('date', 2020)).toBeUndefined();
  });
});
