import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { openBlobStore } from '../../../src/store/blob/open.ts';
import { SPOOL_AGE_MAX_MS } from '../../../src/store/blob/spool.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'maxray-blob-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const one = async function* (text: string) {
  yield Buffer.from(text);
};

test('keeps a blob as one file that only the server may read', async () => {
  const store = await openBlobStore('file:blobs', { dataDir });
  const { key } = await store.put(one('content'), { bytesMax: 10 });
  const file = path.join(dataDir, 'blobs', key.slice(0, 2), key);
  expect(await readFile(file, 'utf8')).toBe('content');
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('finds its blobs again after a restart, by a relative and by an absolute URL', async () => {
  const store = await openBlobStore('file:my%20blobs', { dataDir });
  const { key } = await store.put(one('content'), { bytesMax: 10 });
  const again = await openBlobStore(pathToFileURL(path.join(dataDir, 'my blobs')).href, {
    dataDir: tmpdir(),
  });
  expect((await buffer((await again.get(key)).stream)).toString()).toBe('content');
});

test('removes uploads that a process which died left, and none that may still run', async () => {
  const uploads = path.join(dataDir, 'blobs', 'uploads');
  await mkdir(uploads, { recursive: true });
  await writeFile(path.join(uploads, 'old'), 'x');
  await writeFile(path.join(uploads, 'running'), 'x');
  const oldS = (Date.now() - SPOOL_AGE_MAX_MS - 60_000) / 1000;
  await utimes(path.join(uploads, 'old'), oldS, oldS);
  await openBlobStore('file:blobs', { dataDir });
  expect(await readdir(uploads)).toEqual(['running']);
});

test('closes its file when the reader stops half-way', async () => {
  const store = await openBlobStore('file:blobs', { dataDir });
  const { key } = await store.put(one('x'.repeat(500_000)), { bytesMax: 500_000 });
  const { stream } = await store.get(key);
  for await (const chunk of stream) {
    expect(chunk.length).toBeLessThan(500_000);
    break;
  }
  expect(stream.destroyed).toBe(true);
});

test.each(['ftp://host/x', 'file:', 'blobs', ''])(
  'refuses the URL %j with words for the start',
  async (url) => {
    await expect(openBlobStore(url, { dataDir })).rejects.toThrow(/^BLOB_URL/);
  },
);
