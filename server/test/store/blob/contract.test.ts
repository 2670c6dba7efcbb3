import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { BlobStore } from '../../../src/store/blob/blobStore.ts';
import { openBlobStore } from '../../../src/store/blob/open.ts';
import { FAKE_S3_CREDENTIALS, FAKE_S3_REGION, startFakeS3 } from './fakeS3.ts';
import type { FakeS3 } from './fakeS3.ts';

const LIMITS = { bytesMax: 1_000_000 };

async function* chunked(content: Buffer, size = 7_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

interface Place {
  store: BlobStore;
  /** Folders in which a failed upload must leave nothing. */
  uploads: string;
  stop(): Promise<void>;
}

async function openFile(dataDir: string): Promise<Place> {
  const store = await openBlobStore('file:blobs', { dataDir });
  return { store, uploads: path.join(dataDir, 'blobs', 'uploads'), stop: () => store.close() };
}

async function openS3(dataDir: string): Promise<Place> {
  const fake: FakeS3 = await startFakeS3('clinic-blobs');
  fake.objects.set('elsewhere/not-ours', Buffer.from('x'));
  fake.objects.set('ma(x)ray/not-a-key', Buffer.from('x'));
  const url = `s3://clinic-blobs/ma(x)ray?endpoint=${fake.url}&region=${FAKE_S3_REGION}`;
  const store = await openBlobStore(url, { dataDir, s3Credentials: FAKE_S3_CREDENTIALS });
  const stop = () => store.close().then(() => fake.stop());
  return { store, uploads: path.join(dataDir, 'blob-uploads'), stop };
}

describe.each([
  ['file', openFile],
  ['s3', openS3],
])('a blob store: %s', (_name, open) => {
  let dataDir: string;
  let place: Place;
  const put = (content: Buffer) => place.store.put(chunked(content), LIMITS);
  const read = async (key: string, range?: { start: number; end: number }) => {
    const { stream, bytes, bytesTotal } = await place.store.get(key, range);
    return { content: await buffer(stream), bytes, bytesTotal };
  };
  const keys = async () => {
    const found: string[] = [];
    for await (const key of place.store.list()) found.push(key);
    return found.sort();
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'maxray-blob-'));
    place = await open(dataDir);
  });
  afterAll(async () => {
    await place.stop();
    await rm(dataDir, { recursive: true });
  });

  test('gives back what it was given, and says its length and hash', async () => {
    const content = randomBytes(300_001);
    const { key, bytes, sha256 } = await put(content);
    expect(bytes).toBe(300_001);
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
    const back = await read(key);
    expect(back.content.equals(content)).toBe(true);
    expect([back.bytes, back.bytesTotal]).toEqual([300_001, 300_001]);
  });

  test('keeps equal contents apart', async () => {
    const [a, b] = await Promise.all([put(Buffer.from('same')), put(Buffer.from('same'))]);
    expect(a.key).not.toBe(b.key);
    await place.store.delete(a.key);
    expect((await read(b.key)).content.toString()).toBe('same');
  });

  test('takes empty content', async () => {
    const { key, bytes } = await put(Buffer.alloc(0));
    expect(bytes).toBe(0);
    expect(await read(key)).toEqual({ content: Buffer.alloc(0), bytes: 0, bytesTotal: 0 });
    await expect(place.store.get(key, { start: 0, end: 0 })).rejects.toMatchObject({ category: 'incorrect' });
  });

  test('takes content of exactly the limit, and nothing beyond it', async () => {
    const full = await place.store.put(chunked(Buffer.alloc(5_000, 1), 1_000), { bytesMax: 5_000 });
    expect(full.bytes).toBe(5_000);
    const before = await keys();
    let closed = false;
    const source = async function* () {
      try {
        for (;;) yield Buffer.alloc(1_000);
      } finally {
        closed = true;
      }
    };
    await expect(place.store.put(source(), { bytesMax: 4_999 })).rejects.toMatchObject({
      category: 'too-large',
      issues: [{ code: 'too-long', diagnostics: expect.stringContaining('4999') }],
    });
    expect(closed).toBe(true);
    expect(await keys()).toEqual(before);
    expect(await readdir(place.uploads)).toEqual([]);
  });

  test('passes on what the source throws, and leaves nothing behind', async () => {
    const before = await keys();
    const source = async function* () {
      yield Buffer.from('half of it');
      throw new Error('the client went away');
    };
    await expect(place.store.put(source(), LIMITS)).rejects.toThrow('the client went away');
    expect(await keys()).toEqual(before);
    expect(await readdir(place.uploads)).toEqual([]);
  });

  test.each([
    [0, 0, '0'],
    [3, 5, '345'],
    [8, 9, '89'],
    [9, 4_000, '9'],
  ])('reads the range %d to %d', async (start, end, expected) => {
    const { key } = await put(Buffer.from('0123456789'));
    const part = await read(key, { start, end });
    expect(part.content.toString()).toBe(expected);
    expect([part.bytes, part.bytesTotal]).toEqual([expected.length, 10]);
  });

  test.each([
    [10, 12],
    [5, 4],
    [-1, 4],
    [0.5, 4],
  ])('refuses the range %d to %d', async (start, end) => {
    const { key } = await put(Buffer.from('0123456789'));
    await expect(place.store.get(key, { start, end })).rejects.toMatchObject({ category: 'incorrect' });
  });

  test('knows nothing of a key after its delete, and forgives a second one', async () => {
    const { key } = await put(Buffer.from('short-lived'));
    await place.store.delete(key);
    await place.store.delete(key);
    await expect(place.store.get(key)).rejects.toMatchObject({
      category: 'not-found',
      issues: [{ code: 'not-found' }],
    });
  });

  test.each([
    '',
    '..',
    '../../etc/passwd',
    'uploads',
    `${randomUUID()}/../x`,
    randomUUID().toUpperCase(),
    'a',
  ])('lets no name that is not a key near the storage: %j', async (name) => {
    await expect(place.store.get(name)).rejects.toMatchObject({ category: 'not-found' });
    await expect(place.store.delete(name)).rejects.toMatchObject({ category: 'not-found' });
  });

  test('lists every key and nothing else', async () => {
    for (const key of await keys()) await place.store.delete(key);
    const made = await Promise.all(Array.from({ length: 7 }, (_, i) => put(Buffer.from(`${i}`))));
    expect(await keys()).toEqual(made.map(({ key }) => key).sort());
  });
});
