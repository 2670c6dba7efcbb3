import { expect, test } from '@jest/globals';
import { BATCH_ROWS_MAX, RECENT_BATCHES_MAX, RecentRows } from '../../../src/audit/journal/recentRows.ts';

const row = { recordedMs: 1, kind: 1, outcome: 0, version: null, keys: [1n], payload: '{}' };
const rows = (count: number) => Array.from({ length: count }, () => row);

test('rows are taken from where the journal has been moved to', () => {
  const recent = new RecentRows();
  recent.add(0, rows(3));
  recent.add(3, rows(2));
  expect(recent.first).toBe(0);
  expect(recent.take(0)).toMatchObject({ from: 0, to: 5, rows: { count: 5 } });
  expect(recent.take(5)).toBeUndefined();
  recent.add(5, rows(1));
  expect(recent.take(5)).toMatchObject({ from: 5, to: 6 });
});

test('a batch of which a part was moved is left to the files', () => {
  const recent = new RecentRows();
  recent.add(0, rows(3));
  expect(recent.take(1)).toBeUndefined();
  expect(recent.first).toBeUndefined();
  recent.add(3, rows(1));
  expect(recent.take(2)).toBeUndefined();
  expect(recent.first).toBe(3);
  expect(recent.take(3)).toMatchObject({ from: 3, to: 4 });
});

test('no more is kept than its limit; what comes after begins anew', () => {
  const recent = new RecentRows();
  const many = BATCH_ROWS_MAX * RECENT_BATCHES_MAX;
  recent.add(0, rows(many + 10));
  for (let at = 0; at < many; at += BATCH_ROWS_MAX)
    expect(recent.take(at)).toMatchObject({ from: at, to: at + BATCH_ROWS_MAX });
  expect(recent.take(many)).toBeUndefined();
  recent.add(many + 10, rows(1));
  expect(recent.first).toBe(many + 10);
});
