import { expect, test } from '@jest/globals';
import { createMemo } from '../../../src/fhir/units/memo.ts';

test('keeps what is used and never more than its bound', () => {
  const memo = createMemo<number>(10);
  memo.set('used', 0);
  for (let i = 0; i < 100; i++) {
    memo.set(`once ${i}`, i);
    expect(memo.get('used')).toBe(0);
  }
  const kept = Array.from({ length: 100 }, (_, i) => memo.get(`once ${i}`)).filter(
    (value) => value !== undefined,
  );
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(10);
});
