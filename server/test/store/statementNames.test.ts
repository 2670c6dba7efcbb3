import { expect, test } from '@jest/globals';
import { PREPARED_MAX, StatementNames } from '../../src/store/statementNames.ts';

test('a statement gets its name when it comes the third time, and keeps it', () => {
  const names = new StatementNames('search');
  expect([1, 2, 3, 4].map(() => names.of('SELECT 1'))).toEqual(['', '', 'search-0', 'search-0']);
  expect([1, 2, 3].map(() => names.of('SELECT 2')).at(-1)).toBe('search-1');
});

test('no more than PREPARED_MAX are named, and long ones never', () => {
  const names = new StatementNames('search');
  const often = (text: string) => [1, 2, 3].map(() => names.of(text)).at(-1);
  const given = Array.from({ length: PREPARED_MAX }, (_, i) => often(`SELECT ${i}`));
  expect(new Set(given).size).toBe(PREPARED_MAX);
  expect(often('one more')).toBe('');
  expect(often('SELECT 0')).toBe('search-0');
  const fresh = new StatementNames('search');
  expect([1, 2, 3].map(() => fresh.of(' '.repeat(100_000)))).toEqual(['', '', '']);
});

test('statements that each come once do not add up', () => {
  const names = new StatementNames('search');
  names.of('twice');
  names.of('twice');
  for (let i = 0; i < 10_000; i++) names.of(`SELECT ${i}`);
  // Forgotten meanwhile: the third time counts as the first.
  expect(names.of('twice')).toBe('');
});
