import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../../src/store/makeFolder.ts';

test('makes a folder with those above it, or says why not', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'maxray-folder-'));
  const deep = path.join(root, 'a/b/c');
  makeFolder(deep, 0o700);
  makeFolder(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
  writeFileSync(path.join(root, 'file'), '');
  expect(() => makeFolder(path.join(root, 'file'))).toThrow('EEXIST');
  expect(() => makeFolder(path.join(root, 'file/x'))).toThrow('ENOTDIR');
  if (existsSync('/proc')) expect(() => makeFolder('/proc/maxray/x')).toThrow('ENOENT');
  rmSync(root, { recursive: true });
});
