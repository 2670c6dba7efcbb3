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
  const [own] = commitments.due(OPEN_COMMITMENTS_MAX, 2).filter(({ aeTitle }) => aeTitle === 'UNIT1');
  commitments.remove(own!);
  expect(ask('UNIT1', 0)).toBe('new');
  database.close();
});
