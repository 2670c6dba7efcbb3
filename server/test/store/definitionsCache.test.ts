import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadDefinitions } from '../../src/store/definitionsCache.ts';

const RESOURCE_TYPE_COUNT = 146;

describe('loadDefinitions', () => {
  let cacheDir: string;

  beforeEach(async () => {
    cacheDir = path.join(await mkdtemp(path.join(tmpdir(), 'maxray-cache-')), 'made', 'on', 'demand');
  });

  afterEach(async () => {
    await rm(path.resolve(cacheDir, '../../..'), { recursive: true });
  });

  async function cacheFile(): Promise<string> {
    const [name, ...others] = await readdir(cacheDir);
    expect(others).toEqual([]);
    return path.join(cacheDir, name ?? 'none');
  }

  test('compiles into an empty folder and names the file by package version and format', async () => {
    const definitions = await loadDefinitions(cacheDir);
    expect(definitions.resourceTypes).toHaveLength(RESOURCE_TYPE_COUNT);
    expect(path.basename(await cacheFile())).toMatch(/^definitions-\d+\.\d+\.\d+-\d+\.json$/);
  });

  test('ends the compilation when it is given up', async () => {
    const stopping = new AbortController();
    const loading = loadDefinitions(cacheDir, stopping.signal);
    setImmediate(() => stopping.abort());
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test('reads the file the second time, without writing it', async () => {
    await loadDefinitions(cacheDir);
    const before = await stat(await cacheFile());
    const again = await loadDefinitions(cacheDir);
    expect(again.resourceTypes).toHaveLength(RESOURCE_TYPE_COUNT);
    expect((await stat(await cacheFile())).ino).toBe(before.ino);
  });

  test.each([
    ['empty', () => ''],
    ['cut short', (text: string) => text.slice(0, text.length / 2)],
    ['of another shape', () => '{"format":0}'],
    ['no object', () => 'null'],
  ])('compiles again when the file is %s', async (_name, damage) => {
    await loadDefinitions(cacheDir);
    const file = await cacheFile();
    const whole = await readFile(file, 'utf8');
    await writeFile(file, damage(whole));
    const definitions = await loadDefinitions(cacheDir);
    expect(definitions.resourceTypes).toHaveLength(RESOURCE_TYPE_COUNT);
    expect(await readFile(file, 'utf8')).toBe(whole);
  });

  test('several at once all succeed and leave one file', async () => {
    const loaded = await Promise.all([1, 2, 3].map(() => loadDefinitions(cacheDir)));
    for (const definitions of loaded) expect(definitions.resourceTypes).toHaveLength(RESOURCE_TYPE_COUNT);
    await cacheFile();
  });

  test('says so when the folder cannot be made', async () => {
    const parent = path.resolve(cacheDir, '../../..');
    await writeFile(path.join(parent, 'made'), 'a file where the folder should be');
    await expect(loadDefinitions(cacheDir)).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});
