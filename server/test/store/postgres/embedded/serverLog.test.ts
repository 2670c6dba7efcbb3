import { afterAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { logSince, logSize, rotateLog } from '../../../../src/store/postgres/embedded/serverLog.ts';
import { temporaryFolders } from './support.ts';

const folders = temporaryFolders();
afterAll(() => folders.removeAll());

test('a log that has grown too large is put aside, and the oldest goes', () => {
  const file = path.join(folders.make(), 'postgres.log');
  rotateLog(file);
  for (const mark of ['a', 'b', 'c', 'd', 'e']) {
    writeFileSync(file, mark);
    rotateLog(file);
    expect(existsSync(file)).toBe(true);
    truncateSync(file, 11 * 1024 * 1024);
    rotateLog(file);
    expect(existsSync(file)).toBe(false);
  }
  expect([1, 2, 3].map((age) => readFileSync(`${file}.${age}`, 'latin1')[0])).toEqual(['e', 'd', 'c']);
  expect(statSync(`${file}.3`).size).toBeGreaterThan(10 * 1024 * 1024);
  expect(existsSync(`${file}.4`)).toBe(false);
});

test('the end of a log, since a size', () => {
  const file = path.join(folders.make(), 'postgres.log');
  expect([logSize(file), logSince(file, 0)]).toEqual([0, '']);
  writeFileSync(file, 'before\n');
  const size = logSize(file);
  writeFileSync(file, `${'x'.repeat(5000)} FATAL: no room\n`, { flag: 'a' });
  expect(logSince(file, size)).toMatch(/^x{1,2000} FATAL: no room$/);
  expect(logSince(file, logSize(file))).toBe('');
});
