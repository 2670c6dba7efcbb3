import { expect, test } from '@jest/globals';
import { urlOf, withDatabase } from '../../src/database/url.ts';

test.each([
  ['postgres://u:p%40@host:5433/a?sslmode=require', 'postgres://u:p%40@host:5433/b?sslmode=require'],
  ['postgres://u:p@%2Frun%2Fpg:5432/postgres', 'postgres://u:p@%2Frun%2Fpg:5432/b'],
  ['postgresql://localhost/', 'postgresql://localhost/b'],
])('another database of %s', (url, expected) => expect(withDatabase(url, 'b')).toBe(expected));

test('the URL of a socket', () => {
  const parts = { host: '/run/pg', port: 5432, user: 'u@', password: 'p/', database: 'd' };
  expect(urlOf(parts)).toBe('postgres://u%40:p%2F@%2Frun%2Fpg:5432/d');
});
