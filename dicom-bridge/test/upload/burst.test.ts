import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Burst } from '../../src/upload/burst.ts';

const LIMITS = { calmMs: 200, heldMs: 10_000, heldBytes: 1_000 };
let burst: Burst;
let told: number;
beforeEach(() => {
  jest.useFakeTimers();
  burst = new Burst(LIMITS);
  told = 0;
  burst.onRoom(() => (told += 1));
});
afterEach(() => {
  burst.stop();
  jest.useRealTimers();
});

test('other work waits until nothing has come for a moment', () => {
  expect(burst.atOnce(3)).toBe(3);
  burst.began();
  expect(burst.atOnce(3)).toBe(0);
  burst.ended(10);
  jest.advanceTimersByTime(LIMITS.calmMs - 1);
  burst.began(); // the next one, in time
  jest.advanceTimersByTime(LIMITS.calmMs);
  burst.ended(10);
  expect([burst.atOnce(3), told]).toEqual([0, 0]);
  jest.advanceTimersByTime(LIMITS.calmMs);
  expect([burst.atOnce(3), told]).toEqual([3, 1]);
});

test('what takes long is not waited for: other work goes on beside it', () => {
  burst.began();
  jest.advanceTimersByTime(LIMITS.heldMs);
  expect([burst.atOnce(3), told]).toEqual([1, 1]);
  burst.ended(10);
  jest.advanceTimersByTime(LIMITS.calmMs);
  expect([burst.atOnce(3), told]).toEqual([3, 2]);
});

test('nor is much', () => {
  for (let i = 0; i < 2; i += 1) {
    burst.began();
    burst.ended(LIMITS.heldBytes / 2);
  }
  expect([burst.atOnce(3), told]).toEqual([1, 1]);
  burst.began(); // it stays so, until nothing comes
  expect(burst.atOnce(3)).toBe(1);
  burst.ended(10);
  jest.advanceTimersByTime(LIMITS.calmMs);
  burst.began(); // the next burst is held anew
  expect(burst.atOnce(3)).toBe(0);
});
