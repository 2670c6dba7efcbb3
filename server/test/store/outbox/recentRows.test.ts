import { expect, test } from '@jest/globals';
import type { IndexRows } from '../../../src/store/index/rows.ts';
import { RECENT_ROWS_MAX, RecentRows } from '../../../src/store/outbox/recentRows.ts';
import type { PutWrite } from '../../../src/store/resource/types.ts';

/** Nothing is looked at in them. */
const ROWS = {} as IndexRows;
const write = (id: string, planRevision?: number): PutWrite => ({
  method: 'U',
  type: 'Observation',
  id,
  content: { head: '', tail: '' },
  index: ROWS,
  ...(planRevision !== undefined && { planRevision }),
});
const TIME = new Date('2026-01-01T00:00:00.123Z');
const version = (version: number, lastUpdated = TIME) => ({ version, lastUpdated });
const metaOf = (version: number, lastUpdated = TIME) => ({
  versionId: String(version),
  lastUpdated: lastUpdated.toISOString(),
});

test('what was erased and came again has rows of its own', () => {
  const recent = new RecentRows();
  recent.keepOf(['Observation']);
  recent.add(write('a'), version(1));
  const later = new Date(TIME.getTime() + 1);
  expect(recent.take('Observation', 'a', metaOf(1, later), undefined)).toBeUndefined();
});

test('rows are given once, of the version and the index plan that are asked for', () => {
  const recent = new RecentRows();
  recent.keepOf(['Observation']);
  const written = write('a', 3);
  recent.add(written, version(2));
  expect(recent.take('Observation', 'a', metaOf(1), 3)).toBeUndefined();
  expect(recent.take('Observation', 'a', metaOf(2), 3)).toBe(written.index);
  expect(recent.take('Observation', 'a', metaOf(2), 3)).toBeUndefined();
  recent.add(written, version(2));
  expect(recent.take('Observation', 'a', metaOf(2), 4)).toBeUndefined();
});

test('nothing is kept of types of which nobody is told, nor of deletions', () => {
  const recent = new RecentRows();
  recent.add(write('a'), version(1));
  recent.keepOf(['Patient']);
  recent.add(write('a'), version(1));
  recent.keepOf(['Observation']);
  expect(recent.take('Observation', 'a', metaOf(1), undefined)).toBeUndefined();
  recent.add({ method: 'D', type: 'Observation', id: 'a' }, version(2));
  expect(recent.take('Observation', 'a', metaOf(2), undefined)).toBeUndefined();
  recent.add(write('a'), version(3));
  recent.keepOf([]);
  expect(recent.take('Observation', 'a', metaOf(3), undefined)).toBeUndefined();
});

test('what is not looked through goes when much more is written', () => {
  const recent = new RecentRows();
  recent.keepOf(['Observation']);
  for (let i = 0; i <= RECENT_ROWS_MAX; i++) recent.add(write(String(i)), version(1));
  expect(recent.take('Observation', '0', metaOf(1), undefined)).toBeUndefined();
  expect(recent.take('Observation', '1', metaOf(1), undefined)).toBeDefined();
});
