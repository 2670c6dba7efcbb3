import { describe, expect, test } from '@jest/globals';
import { dueMs, isTimeToRemind } from './due.ts';

const HOUR_MS = 3_600_000;
const NIGHT = { startMinute: 21 * 60, endMinute: 8 * 60 };
const due = (start: string, hours: number, zone = 'Europe/Berlin') =>
  new Date(dueMs(Date.parse(start), hours * HOUR_MS, NIGHT, zone)).toISOString();

describe('a reminder is due', () => {
  test('so long before, by day', () => {
    expect(due('2026-01-05T13:30:00Z', 24)).toBe('2026-01-04T13:30:00.000Z');
    expect(due('2026-01-05T13:30:00Z', 1)).toBe('2026-01-05T12:30:00.000Z');
  });

  test('after quiet hours, where that is still of use', () => {
    // 08:30 in Berlin: half an hour is left.
    expect(due('2026-01-05T07:30:00Z', 1)).toBe('2026-01-05T07:00:00.000Z');
    // 03:00 at night, a day ahead.
    expect(due('2026-01-06T02:00:00Z', 24)).toBe('2026-01-05T07:00:00.000Z');
  });

  test('else before them, with time to spare', () => {
    expect(due('2026-01-05T06:00:00Z', 1)).toBe('2026-01-04T19:30:00.000Z');
  });

  test('by the clock of the person, also in the night in which it is changed', () => {
    expect(due('2026-01-05T13:30:00Z', 1, 'America/Phoenix')).toBe('2026-01-05T03:30:00.000Z'); // 06:30 there
    // 29 March 2026: 02:00 becomes 03:00 in Berlin. The start is 09:00, an hour before is 08:00.
    expect(due('2026-03-29T07:00:00Z', 1)).toBe('2026-03-29T06:00:00.000Z');
    // 07:30: quiet hours began at 21:00 of the clock before the change, 20:00 UTC.
    expect(due('2026-03-29T05:30:00Z', 1)).toBe('2026-03-28T19:30:00.000Z');
  });
});

describe('it is time to remind', () => {
  const startMs = Date.parse('2026-01-05T13:30:00Z');
  const planned = { startMs, leadMs: 24 * HOUR_MS, dueMs: startMs - 24 * HOUR_MS, writtenMs: 0 };

  test('from when it is due, for some hours after an outage', () => {
    expect(isTimeToRemind(planned, planned.dueMs - 1)).toBe(false);
    expect(isTimeToRemind(planned, planned.dueMs)).toBe(true);
    expect(isTimeToRemind(planned, planned.dueMs + 6 * HOUR_MS - 1)).toBe(true);
    expect(isTimeToRemind(planned, planned.dueMs + 6 * HOUR_MS)).toBe(false);
  });

  test('of an hour before, not in the last quarter of it', () => {
    const hour = { ...planned, leadMs: HOUR_MS, dueMs: startMs - HOUR_MS };
    expect(isTimeToRemind(hour, startMs - HOUR_MS / 4 - 1)).toBe(true);
    expect(isTimeToRemind(hour, startMs - HOUR_MS / 4)).toBe(false);
  });

  test('not of what was booked or moved after it was due: that was told', () => {
    const booked = { ...planned, writtenMs: planned.dueMs + HOUR_MS };
    expect(isTimeToRemind(booked, planned.dueMs + 2 * HOUR_MS)).toBe(false);
  });
});
