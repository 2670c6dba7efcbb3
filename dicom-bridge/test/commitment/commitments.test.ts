import { expect, test } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { Commitments, OPEN_COMMITMENTS_MAX } from '../../src/commitment/commitments.ts';

test('a peer waits for so many reports, and others for theirs', () => {
  const database = new DatabaseSync(':memory:');
  const commitments = new Commitments(database);
  const objects = [{ sopClassUid: '1.2', sopInstanceUid: '1.2.3' }];
  const ask = (aeTitle: string, number: number) =>
    commitments.note(aeTitle, `1.2.3.${number}`, objects, number);
  for (let i = 1; i <= OPEN_COMMITMENTS_MAX; i += 1) ask('UNIT1', i);
  expect([ask('UNIT1', 0), ask('UNIT1', 1), ask('UNIT2', 0)]).toEqual(['too-many', 'known', 'new']);
  const [own] = commitments.due(OPEN_COMMITMENTS_MAX, 2, []).filter(({ aeTitle }) => aeTitle === 'UNIT1');
  commitments.remove(own!);
  expect(ask('UNIT1', 0)).toBe('new');
  database.close();
});

test('one peer that waits for many reports does not hide the others', () => {
  const database = new DatabaseSync(':memory:');
  const commitments = new Commitments(database);
  const objects = [{ sopClassUid: '1.2', sopInstanceUid: '1.2.3' }];
  for (let i = 1; i <= 300; i += 1) commitments.note('UNIT1', `1.2.3.${i}`, objects, i);
  commitments.note('UNIT2', '1.2.4', objects, 400);
  commitments.note('UNIT3', '1.2.5', objects, 600);
  const due = (besides: string[]) =>
    commitments.due(500, 4, besides).map(({ aeTitle, receivedMs }) => [aeTitle, receivedMs]);
  expect([due([]), due(['UNIT1'])]).toEqual([
    [
      ['UNIT1', 1],
      ['UNIT2', 400],
    ],
    [['UNIT2', 400]],
  ]);
  expect([commitments.nextMs([]), commitments.nextMs(['UNIT1', 'UNIT2'])]).toEqual([1, 600]);
  const [own] = commitments.due(500, 1, []);
  expect([commitments.giveUp(own!, 299), due([])]).toEqual([
    299,
    [
      ['UNIT1', 300],
      ['UNIT2', 400],
    ],
  ]);
  database.close();
});
