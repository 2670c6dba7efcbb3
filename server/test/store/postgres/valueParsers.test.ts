import { describe, expect, test } from '@jest/globals';
import { parseInstant } from '../../../src/store/postgres/valueParsers.ts';

describe('instants as PostgreSQL writes them', () => {
  test.each([
    ['2024-02-29 23:59:59.123456+00', '2024-02-29T23:59:59.123Z'],
    ['2024-01-02 03:04:05+00', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02 03:04:05.5+00', '2024-01-02T03:04:05.500Z'],
    ['2024-01-02 03:04:05.12+00', '2024-01-02T03:04:05.120Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31 23:59:59.999+00', '0099-12-31T23:59:59.999Z'],
    ['1850-06-01 00:00:00.001+00', '1850-06-01T00:00:00.001Z'],
    ['12024-01-02 03:04:05+00', '+012024-01-02T03:04:05.000Z'],
    ['0001-01-01 00:00:00+00 BC', '0000-01-01T00:00:00.000Z'],
    ['2024-01-02 03:04:05+05:30', '2024-01-01T21:34:05.000Z'],
  ])('%s', (text, iso) => {
    expect((parseInstant(text) as Date).toISOString()).toBe(iso);
  });

  test('open ends are infinite', () => {
    expect([parseInstant('infinity'), parseInstant('-infinity')]).toEqual([Infinity, -Infinity]);
  });
});
