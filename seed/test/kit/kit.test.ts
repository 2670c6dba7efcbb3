import { describe, expect, test } from '@jest/globals';
import { decimal, fixed, money } from '../../src/kit/decimal.ts';
import { dicomUid, providerNumber } from '../../src/kit/identify.ts';
import { createRandom } from '../../src/kit/random.ts';
import { day, instant, onWeekday, startOfDay, workingHour, yearsBetween } from '../../src/kit/time.ts';

describe('decimals', () => {
  test('are written digit by digit', () => {
    expect(JSON.stringify([decimal('1.50'), decimal('-0.10'), fixed(2, 3), money(12_50)])).toBe(
      '[1.50,-0.10,2.000,{"value":12.50,"currency":"USD"}]',
    );
  });

  test.each(['', '1.', '.5', '01', '1e3', 'NaN'])('refuse %p', (text) => {
    expect(() => decimal(text)).toThrow(RangeError);
  });
});

describe('time', () => {
  test('is that of Arizona', () => {
    const atMs = startOfDay('2026-03-02');
    expect(instant(atMs)).toBe('2026-03-02T00:00:00-07:00');
    expect(new Date(atMs).toISOString()).toBe('2026-03-02T07:00:00.000Z');
    expect(day(atMs - 1)).toBe('2026-03-01');
  });

  test('moves weekends to Monday and knows the quarters of a working day', () => {
    expect(day(onWeekday(startOfDay('2026-02-28')))).toBe('2026-03-02');
    expect(day(onWeekday(startOfDay('2026-03-01')))).toBe('2026-03-02');
    expect(instant(workingHour(startOfDay('2026-03-03'), 5))).toBe('2026-03-03T09:15:00-07:00');
  });

  test('counts completed years', () => {
    expect(yearsBetween(startOfDay('1980-06-30'), startOfDay('2026-06-29'))).toBe(45);
    expect(yearsBetween(startOfDay('1980-06-30'), startOfDay('2026-06-30'))).toBe(46);
  });
});

describe('chance', () => {
  test('is the same for the same seed and label, and another for others', () => {
    const draw = (seed: number, label: string) => Array.from({ length: 5 }, createRandom(seed, label).next);
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  });

  test('is spread evenly', () => {
    const random = createRandom(7, 'even');
    const tenths = new Array<number>(10).fill(0);
    for (let draws = 0; draws < 10_000; draws++) tenths[random.int(0, 9)]! += 1;
    for (const tenth of tenths) expect(Math.abs(tenth - 1000)).toBeLessThan(150);
  });

  test('keeps its bounds, and draws nobody twice', () => {
    const random = createRandom(3, 'bounds');
    for (let draws = 0; draws < 1000; draws++) {
      expect(Math.abs(random.around(10, 2) - 10)).toBeLessThanOrEqual(6);
    }
    expect(new Set(random.sample([1, 2, 3, 4], 9)).size).toBe(4);
  });
});

describe('identifiers', () => {
  test('of providers have the check digit of the NPI and belong to nobody', () => {
    const number = providerNumber(7_310_400).value as string;
    expect(number).toMatch(/^9\d{9}$/);
    const digits = `80840${number}`.split('').reverse().map(Number);
    const sum = digits.reduce((total, digit, at) => {
      const weighed = at % 2 === 1 ? digit * 2 : digit;
      return total + (weighed > 9 ? weighed - 9 : weighed);
    }, 0);
    expect(sum % 10).toBe(0);
  });

  test('of images are UIDs of at most 64 characters', () => {
    const random = createRandom(1, 'uid');
    const uids = Array.from({ length: 100 }, () => dicomUid(random));
    for (const uid of uids) expect(uid).toMatch(/^2\.25\.(0|[1-9]\d{0,38})$/);
    expect(new Set(uids).size).toBe(100);
  });
});
