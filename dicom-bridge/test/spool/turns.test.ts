import { expect, test } from '@jest/globals';
import { Turns } from '../../src/spool/turns.ts';

test('work on one thing is done in turn, also behind what has failed; on others at once', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const first = Promise.withResolvers<void>();
  const one = turns.take('a', async () => {
    await first.promise;
    done.push('a1');
    throw new Error('failed');
  });
  const two = turns.take('a', () => Promise.resolve(done.push('a2')));
  await turns.take('b', () => Promise.resolve(done.push('b')));
  expect(done).toEqual(['b']);
  first.resolve();
  await expect(one).rejects.toThrow('failed');
  await two;
  expect(done).toEqual(['b', 'a1', 'a2']);
});
